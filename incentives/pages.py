"""Pages of a list: a page number that does not exist is a page that does not exist."""

from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404
from django.utils.translation import gettext as _

PAGE_SIZE = 25


def page_of(rows: Any, number: str | None, *, size: int = PAGE_SIZE) -> Page:
    """The wanted page; raises Http404 with what to do for a number that is none, or too high."""
    paginator = Paginator(rows, size)
    try:
        return paginator.page(number or 1)
    except InvalidPage as error:
        raise Http404(_("There is no such page of this list. Go back to its first page.")) from error
