"""What the pages of a sheet say of its rows."""

from django import template

from ..models import SheetRow
from ..sheets.columns import said

register = template.Library()


@register.filter
def findings(row: SheetRow) -> list[tuple[str, str]]:
    """What was found in a row: the heading of its column, or nothing for the row itself, and the words."""
    return list(said(row.findings))
