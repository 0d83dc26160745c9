from django import template

from ..next_steps import NEXT_STEPS, NextStep
from ..states import Status

register = template.Library()


@register.filter
def status_label(code: str) -> str:
    """The exact name of a claim status (spec, "Claim statuses")."""
    return str(Status(code).label)


@register.filter
def next_step(code: str) -> NextStep | None:
    """The one thing to do next about a claim in this status, if the partner has anything to do."""
    return NEXT_STEPS.get(Status(code))


@register.simple_tag
def next_step_url(step: NextStep, claim: int) -> str:
    return step.address(claim)
