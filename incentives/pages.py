"""Pages of a list: a page number that does not exist is a page that does not exist."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

PAGE_SIZE = 25
NO_SUCH_PAGE = _("There is no such page of this list. Go back to its first page.")


def page_of(rows: Any, number: str | None, *, size: int = PAGE_SIZE) -> Page:
    """The wanted page; raises Http404 with what to do for a number that is none, or too high."""
    paginator = Paginator(rows, size)
    try:
        return paginator.page(number or 1)
    except InvalidPage as error:
        raise Http404(NO_SUCH_PAGE) from error


class BoundedPaginator(Paginator):
    """Pages of a list that may have a million rows: its first ten thousand, of which a page is soon found.

    To count to the end takes longer than the page, so it only says whether there are `more`.
    """

    object_list: QuerySet[Any]
    at_most = 10_000

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: self.at_most + 1].count()

    @property
    def more(self) -> bool:
        return self._counted > self.at_most

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.at_most)


@dataclass(frozen=True)
class LongPage:
    """One page of a list that is not counted to its end: of `count` things, or of `more` than so many."""

    object_list: Sequence[Any]
    number: int
    count: int
    more: bool
    has_next: bool
    size: int = PAGE_SIZE

    @property
    def paginator(self) -> "LongPage":
        return self

    @property
    def num_pages(self) -> int:
        return -(-self.count // self.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.object_list)

    def start_index(self) -> int:
        return (self.number - 1) * self.size + 1

    def end_index(self) -> int:
        return self.start_index() + len(self.object_list) - 1

    def has_previous(self) -> bool:
        return self.number > 1

    def has_other_pages(self) -> bool:
        return self.has_next or self.has_previous()

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


def wanted_page(number: str | None) -> int:
    """The number of the wanted page; raises Http404 for what is no number of a page."""
    if not number:
        return 1
    if not (number.isascii() and number.isdigit() and len(number) < 8 and int(number)):
        raise Http404(NO_SUCH_PAGE)
    return int(number)
