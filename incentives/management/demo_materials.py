"""What partners of the demo download: templates in two or three versions, and delivery material."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.text import slugify

from claims import documents
from claims.models import Claim
from engagements.materials import Publication, begin, publish
from engagements.models import Engagement, EvidenceSlot
from incentives.models import User

from .papers import letter
from .walk import sheet

SCOPE = ("Scope", "Which teams, sites and systems took part, and what was left out.")
FINDINGS = ("Findings", "What was found in the customer's own environment, with figures.")
ADVICE = ("Recommendations", "What the customer should do next, in which order, and why.")
DATES = ("Dates and people", "Day, place and length of each session, and who attended in which role.")
DISCLOSURE = ("Disclosure", "The customer knows that the partner may be paid a fee for this engagement.")
PICTURES = ("Screenshots", "At least two screenshots of the customer's environment. Blur e-mail addresses.")


@dataclass(frozen=True)
class Edition:
    """One version: published so many days ago, in effect so many days later; what it asks for, and what is new."""

    days_ago: float
    sections: Sequence[tuple[str, str]]
    changes: str = ""
    ahead: int = 0


FIRST = Edition(400, (SCOPE, FINDINGS))
SECOND = Edition(15, (SCOPE, FINDINGS, ADVICE), "Asks for recommendations, each with its reason.")
EDITIONS: dict[str, tuple[Edition, ...]] = {
    "MWS-02": (
        FIRST,
        SECOND,
        Edition(2, (DATES, SCOPE, FINDINGS, ADVICE), "Asks for the dates of all sessions.", ahead=21),
    ),
    "MWS-03": (FIRST, SECOND),
    "MWS-07": (FIRST, Edition(4, (SCOPE, FINDINGS, ADVICE, PICTURES), "Asks for two screenshots.")),
    "MWS-19": (FIRST, SECOND),
    "MWS-22": (FIRST, SECOND),
    "MWS-23": (FIRST,),
}
GUIDES: dict[str, tuple[str, ...]] = {
    "MWS-02": ("Delivery guide", "Customer invitation"),
    "MWS-03": ("Delivery guide",),
    "MWS-22": ("Delivery guide", "Threat analysis checklist"),
}


def make_materials(*, by: User, now: datetime) -> None:
    """Publish everything as the programme owner would have, at past instants."""
    for engagement in Engagement.objects.filter(code__in=EDITIONS).order_by("pk"):
        poe = engagement.evidence.filter(kind=EvidenceSlot.Kind.POE)[0]
        psd = EvidenceSlot.Kind.PSD
        template(engagement, poe.code, poe.name, EDITIONS[engagement.code], by=by, now=now)
        template(engagement, psd.value, str(psd.label), [Edition(400, [DISCLOSURE])], by=by, now=now)
        for title in GUIDES.get(engagement.code, ()):
            file = SimpleUploadedFile(f"{slugify(title)}.pdf", sheet(f"{title}: {engagement}"))
            at = now - timedelta(days=300)
            begin(engagement, Publication(file, at.date()), title=title, by=by, now=at)


def template(
    engagement: Engagement, slot: str, name: str, editions: Sequence[Edition], *, by: User, now: datetime
) -> None:
    """The template of one slot, in all its editions."""
    for number, edition in enumerate(editions, 1):
        at = now - timedelta(days=edition.days_ago)
        content = letter(f"{engagement}: {name}", edition.sections)
        file = SimpleUploadedFile(f"{slugify(name)}-template-v{number}.docx", content)
        day = (at + timedelta(days=edition.ahead)).date()
        issue = Publication(file, day, edition.changes)
        if number == 1:
            material = begin(engagement, issue, slot=slot, by=by, now=at).material
        else:
            publish(material, issue, by=by, now=at)


def upload_under_an_older_template(claim: Claim, *, at: datetime) -> None:
    """A proof that was there before the template's present version: its partner is warned before submitting."""
    slot = claim.slots.get(kind=EvidenceSlot.Kind.POE)
    file = SimpleUploadedFile(f"findings-{claim.pk}.pdf", sheet(f"Findings for claim {claim.pk}"))
    documents.add(claim, slot, [file], by=claim.created_by, now=at)
