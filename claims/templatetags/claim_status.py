from django import template

from ..states import Status

register = template.Library()


@register.filter
def status_label(code: str) -> str:
    """The exact name of a claim status (spec, "Claim statuses")."""
    return str(Status(code).label)
