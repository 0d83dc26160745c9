"""Lists whose rows are computed: their columns, filters, search and order, all of them in the address of the page."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, cast

from django import forms
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django_countries import countries


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, its heading, and what its rows are ordered by, if they can be.

    Rows in memory are ordered by a function of them; how a list in the database is ordered, its own room knows.
    A `counted` column takes the database some time, so its figures are known for the rows of the page only, or for
    all where the list is ordered by it.
    """

    key: str
    heading: str | Promise
    order: Any = None
    css: str = ""
    counted: bool = False


@dataclass(frozen=True)
class Head:
    """A column's heading, how the list is ordered by it (in the words of aria-sort), and what its link asks for."""

    heading: str | Promise
    css: str
    direction: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Chip:
    """One filter that is on: its parameter and value in the address, and the words that name it."""

    name: str
    value: str
    words: str


class Offered(BaseChoiceIterator):
    """Choices as they are: Django would look into each of them for groups, of which a list has none."""

    def __init__(self, choices: Sequence[tuple[Any, Any]]) -> None:
        self.choices = choices

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.choices)

    def __len__(self) -> int:
        return len(self.choices)


class ListForm(forms.Form):
    """Reads a list's address; the subclass adds its filters and says which rows match them."""

    data: QueryDict
    columns: Sequence[Column]
    not_filters = frozenset({"search", "sort"})
    default_sort: str
    search = forms.CharField(required=False, max_length=200)
    sort = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, **choices: Sequence[tuple[Any, Any]]) -> None:
        given = data.copy()
        for name, values in data.lists():
            given.setlist(name, [value for value in values if value])
        super().__init__(given)
        self.orders = {column.key: column.order for column in self.columns if column.order}
        sorts = [(sign + key, key) for key in self.orders for sign in ("", "-")]
        for name, offered in ({"sort": sorts} | choices).items():
            cast(forms.ChoiceField, self.fields[name]).choices = Offered(offered)

    def matches(self, row: Any) -> bool:
        raise NotImplementedError

    def narrowed(self, rows: Iterable[Any]) -> list[Any]:
        """The rows that match, in the wanted order; none where the address asks for what the list does not know."""
        if not self.is_valid():
            return []
        usual = sorted(filter(self.matches, rows), key=self.orders[self.default_sort])
        sort = self.sort_in_use()
        if sort == self.default_sort:
            return usual
        return sorted(usual, key=self.orders[sort.lstrip("-")], reverse=sort.startswith("-"))

    def sort_in_use(self) -> str:
        return self.chosen("sort") or self.default_sort

    def is_sorted_by_count(self) -> bool:
        sort = self.sort_in_use().lstrip("-")
        return any(column.counted for column in self.columns if column.key == sort)

    def shown(self) -> Sequence[Column]:
        """The columns of the table, in their order."""
        return self.columns

    def heads(self) -> list[Head]:
        """The headings of the table; a second choice of the same column turns the order round."""
        sort = self.sort_in_use()
        directions = {sort.lstrip("-"): "descending" if sort.startswith("-") else "ascending"}
        return [
            Head(
                column.heading,
                column.css,
                directions.get(column.key, ""),
                f"-{column.key}" if sort == column.key else column.key if column.order else "",
            )
            for column in self.shown()
        ]

    def chosen(self, name: str) -> str:
        """The value of a filter that takes one, or nothing."""
        return self.cleaned_data.get(name, "") if self.is_valid() else ""

    def filters(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.not_filters]

    def chips(self) -> list[Chip]:
        """What the list is narrowed to, each with the words for taking it off again."""
        return list(self._chips()) if self.is_valid() else []

    def _chips(self) -> Iterator[Chip]:
        for field in self.filters():
            choices = cast(Any, field.field).choices
            labels = {str(value): label for value, label in choices}
            for value in self.data.getlist(field.name):
                yield Chip(field.name, value, f"{field.label}: {labels[value]}")


class Checkboxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, drawn like `Select` without a template for each of them; a list may offer five hundred."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        ticked = {str(each) for each in value or ()}
        boxes = "".join(
            f'<label><input type="checkbox" name="{escape(name)}" value="{escape(str(key))}"'
            f"{' checked' if str(key) in ticked else ''}> <span>{escape(str(label))}</span></label>"
            for key, label in self.choices
        )
        return mark_safe(f'<div class="choices">{boxes}</div>')  # noqa: S308 (every part is escaped above)


class Select(forms.Select):
    """A select drawn without a template for each option: five hundred of them would take longer than their page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = str(value or "")
        selected = {chosen: " selected"}
        options = "".join(
            f'<option value="{escape(str(key))}"{selected.get(str(key), "")}>{escape(str(label))}</option>'
            for key, label in self.choices
        )
        named = flatatt(self.build_attrs(self.attrs, (attrs or {}) | {"name": name}))
        return mark_safe(f"<select{named}>{options}</select>")  # noqa: S308 (every part is escaped above)


def one(label: Any) -> forms.ChoiceField:
    """A filter of which one value is chosen."""
    return forms.ChoiceField(label=label, required=False, widget=Select)


def several(label: Any) -> forms.MultipleChoiceField:
    """A filter of which any number of values are chosen."""
    return forms.MultipleChoiceField(label=label, required=False, widget=Checkboxes)


def is_among(wanted: str | list[str], value: Any) -> bool:
    """Whether a filter lets this value through; an empty one lets every value through."""
    return not wanted or (str(value) in wanted if isinstance(wanted, list) else str(value) == wanted)


def finds(words: str, *texts: Any) -> bool:
    """Whether every word that was searched for stands in one of these texts, accents and capitals aside."""
    wanted = fold(words).split()
    text = fold(" ".join(str(text) for text in texts)) if wanted else ""
    return all(word in text for word in wanted)


def fold(text: str) -> str:
    """Lower case without accents, so that search finds "Sao Paulo" for "São Paulo"."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def country_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """The countries of a list by their names, in the order of the names."""
    return sorted(((code, countries.name(code)) for code in set(codes)), key=lambda choice: fold(choice[1]))
