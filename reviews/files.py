"""Which files of a claim a reviewer sees: those in its slots, and those that were handed in and taken out again."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from claims.models import Claim, ClaimEvent, Document, Slot
from claims.poe_templates import Template, templates


def seen_by_reviewers(claim: Claim) -> QuerySet:
    """The claim's present files and, for audit, removed ones that stood in it at some submission."""
    submissions = ClaimEvent.objects.filter(
        claim=claim,
        action=ClaimEvent.Action.SUBMIT,
        at__gte=OuterRef("uploaded_at"),
        at__lte=OuterRef("removed_at"),
    )
    return claim.documents.filter(Q(removed_at=None) | Exists(submissions)).select_related("uploaded_by")


@dataclass(frozen=True)
class File:
    """One file, and whether it came after the reviewers last sent the claim back."""

    document: Document
    new: bool


@dataclass(frozen=True)
class Folder:
    """One slot of the claim with its template, its present files and those removed since they were handed in."""

    slot: Slot
    template: Template | None
    files: list[File]
    removed: list[Document]


def folders(claim: Claim, *, sent_back_at: datetime | None, now: datetime) -> list[Folder]:
    """Every slot in the order of the page, from four queries."""
    slots, documents = list(claim.slots.select_related("template")), list(seen_by_reviewers(claim))
    shown = templates(claim, slots, now=now)
    return [
        folder(slot, shown.get(slot.pk), [d for d in documents if d.slot_id == slot.pk], sent_back_at)
        for slot in slots
    ]


def folder(
    slot: Slot, template: Template | None, documents: list[Document], sent_back_at: datetime | None
) -> Folder:
    new = {d for d in documents if sent_back_at and d.uploaded_at > sent_back_at}
    files = [File(document, document in new) for document in documents if not document.removed_at]
    return Folder(slot, template, files, [document for document in documents if document.removed_at])
