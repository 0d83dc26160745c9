"""Tables of the desk that reflow on a phone: the admin site makes cells, but does not tell them their column."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


@register.filter
def labelled(row: Iterable[SafeString], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row, each with the heading of its column as `data-label`."""
    return [
        with_label(cell, str(capfirst(header["text"]))) for cell, header in zip(row, headers, strict=True)
    ]


def with_label(cell: SafeString, heading: str) -> SafeString:
    attribute = format_html(' data-label="{}" class=', heading)
    return mark_safe(cell.replace(" class=", attribute, 1))  # noqa: S308  (the admin site escaped the cell)
