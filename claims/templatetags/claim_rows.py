"""Rows of the list of claims, drawn without a template for each cell: these would take longer than their page."""

from datetime import datetime
from html import escape

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from incentives.cells import Cell
from incentives.templatetags.portal import day

from ..listing import Column, Row

register = template.Library()
NOTHING = "–"
UNREACHED = _("Email not delivered")


@register.simple_tag
def claim_rows(rows: list[Row]) -> SafeString:
    """A table row for each claim; the cell that opens it is its heading and link."""
    address = reverse("claims:list")
    abouts = {column.key: about(column) for row in rows[:1] for column, _cell in row.cells}
    drawn = "".join(f"<tr>{''.join(cells_of(row, address, abouts))}</tr>" for row in rows)
    return mark_safe(drawn)  # noqa: S308 (every text in it is escaped where it is drawn)


def about(column: Column) -> str:
    """The attributes of a column's cells."""
    label = f' data-label="{escape(str(column.heading))}"'
    return f'{label} class="{column.css}"' if column.css else label


def cells_of(row: Row, address: str, abouts: dict[str, str]) -> list[str]:
    return [
        f'<th scope="row"{abouts[column.key]}><a href="{address}{row.pk}/">{words(column, cell)}</a></th>'
        if column is row.opens
        else f"<td{abouts[column.key]}>{inside(row, column, cell)}</td>"
        for column, cell in row.cells
    ]


def inside(row: Row, column: Column, cell: Cell) -> str:
    if cell is None or cell == "":
        return NOTHING
    if column.kind == "status":
        status = f'<span class="status status--{row.status}">{words(column, cell)}</span>'
        return signs(status, UNREACHED) if row.unreached else status
    if column.kind == "action":
        return f'<a href="{escape(row.next_step)}">{words(column, cell)}</a>'
    return words(column, cell)


def signs(status: str, trouble: str | Promise) -> str:
    """The status, and below it what troubles the claim besides."""
    told = f'<span class="status status--plain status--bad">{escape(str(trouble))}</span>'
    return f'<span class="table__signs">{status} {told}</span>'


def words(column: Column, cell: Cell) -> str:
    """The cell as text; what people typed is kept from turning the direction of what stands beside it."""
    if isinstance(cell, datetime):
        return escape(day(cell))
    text = escape(str(cell))
    return f"<bdi>{text}</bdi>" if column.kind == "name" else text
