"""Proof of execution: what a claim still needs before it can be submitted (POE-2, POE-4, POE-6)."""

from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .models import Claim


@dataclass(frozen=True)
class Item:
    """One task of the tracker: pending or done."""

    code: str
    label: str | Promise
    done: bool


def checklist(claim: "Claim") -> list[Item]:
    """Every required part of the claim, in the order of the page."""
    return checklist_by(claim, set(claim.documents.current().values_list("slot_id", flat=True)))


def checklist_by(claim: "Claim", filled: Container[int]) -> list[Item]:
    """The same, where it is known already which slots have a document."""
    items = [
        Item(slot.code, _("Upload %(name)s") % {"name": slot.name}, slot.pk in filled)
        for slot in claim.slots.all()
    ]
    if claim.partner_survey_required:
        items.append(
            Item("partner_survey", _("Partner survey complete"), claim.partner_survey_done_at is not None)
        )
    if claim.customer_survey_required:
        items.append(
            Item("customer_survey", _("Customer survey complete"), claim.customer_survey_done_at is not None)
        )
    return items
