"""Which version of a POE template counts for a claim: the one in effect, until the first submission keeps it (DL-7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from engagements.models import Material, MaterialVersion

from .models import Claim, Slot


@dataclass(frozen=True)
class Template:
    """The template of one slot: the version that counts, whether for good, and what is in effect or to come besides."""

    version: MaterialVersion
    kept: bool
    newer: MaterialVersion | None = None
    coming: MaterialVersion | None = None

    @property
    def versions(self) -> list[MaterialVersion]:
        return [version for version in (self.version, self.newer, self.coming) if version]

    def is_younger_than(self, uploaded_at: datetime) -> bool:
        """Whether it took the place of an earlier version after this instant."""
        return self.version.number > 1 and uploaded_at < self.version.effective_at


def templates(claim: Claim, slots: Iterable[Slot], *, now: datetime) -> dict[int, Template]:
    """The template of each slot that has one, by the slot's key; two queries however many slots there are.

    A claim that ended before its first submission has none: no version ever counted for it.
    """
    if claim.first_submitted_at is None and claim.is_closed(now):
        return {}
    published = templates_of_engagement(claim)
    found = {slot.pk: template(claim, slot, published.get(slot.code), now) for slot in slots}
    return {key: template for key, template in found.items() if template}


def downloadable(claim: Claim, *, now: datetime) -> QuerySet[MaterialVersion]:
    """The versions that the page of this claim names at this instant, and no others."""
    shown = templates(claim, claim.slots.select_related("template"), now=now).values()
    return MaterialVersion.objects.filter(pk__in=[v.pk for template in shown for v in template.versions])


def templates_of_engagement(claim: Claim) -> dict[str, Material]:
    rows = Material.objects.filter(engagement=claim.engagement_id).exclude(slot="")
    return {material.slot: material for material in rows.prefetch_related("versions")}


def template(claim: Claim, slot: Slot, material: Material | None, now: datetime) -> Template | None:
    current = material.in_effect(now) if material else None
    if claim.first_submitted_at:
        newer = current if current != slot.template else None
        return Template(slot.template, kept=True, newer=newer) if slot.template else None
    return Template(current, kept=False, coming=material.to_come(now)) if material and current else None


def keep(claim: Claim, *, now: datetime) -> None:
    """Fix the version of each template that is in effect at this instant, that of the first submission (DL-7)."""
    published = templates_of_engagement(claim)
    slots = list(claim.slots.filter(code__in=published))
    for slot in slots:
        slot.template = published[slot.code].in_effect(now)
    Slot.objects.bulk_update(slots, ["template"])
