"""The end of the wizard: one claim per chosen engagement, in one transaction, or none (WIZ-6)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from engagements.models import Engagement, EvidenceSlot
from incentives.listing import fold
from incentives.models import Location, User
from incentives.roles import hold_role

from . import deadlines
from .lifecycle import Refused, expire, record
from .limits import Candidate, only_one
from .models import Claim, CustomerIdentity, Organization, Slot
from .offers import Offer, offers
from .states import Party


class NotClaimable(Refused):
    """At least one chosen engagement cannot be claimed (any more); nothing was created."""

    def __init__(self, refused: list[Offer]) -> None:
        super().__init__(
            "; ".join(f"{o.engagement}: {', '.join(str(r.text) for r in o.reasons)}" for o in refused)
        )
        self.refused = refused


class HoursMissing(Refused):
    """Hours belong to exactly one engagement of variable payout, claimed by itself; nothing was created."""


@dataclass(frozen=True)
class Contacts:
    """Whom to write to about a claim, on both sides."""

    customer_contact_name: str
    customer_contact_email: str
    partner_contact_name: str
    partner_contact_email: str
    customer_contact_title: str = ""
    domain_mismatch_reason: str = ""


@dataclass(frozen=True)
class Source:
    """Where a claim comes from: what its history says of it, and what equal rows of sheets have in common."""

    detail: str = ""
    row_key: str = ""


WIZARD = Source()


@transaction.atomic
def create_claims(
    *,
    name: str,
    location: Location,
    customer: CustomerIdentity,
    engagements: Sequence[Engagement],
    contacts: Contacts,
    by: User,
    now: datetime,
    requested_hours: int | None = None,
    source: Source = WIZARD,
) -> list[Claim]:
    """Create a claim for each engagement; everything is judged again under locks, so no limit can be raced past.

    `requested_hours` go with a variable payout, which is claimed alone, and with nothing else (WIZ-4). Raises
    NotClaimable with the reasons, HoursMissing, and RoleGone when the person's role for the location was removed.
    """
    hold_role(by, location)
    locked = lock(engagements, customer)
    expire_overdue(locked, customer, now=now)
    by_the_hour = [e for e in locked if e.payout == Engagement.Payout.VARIABLE]
    if bool(by_the_hour) != bool(requested_hours) or (by_the_hour and len(locked) > 1):
        raise HoursMissing(
            _("Choose one engagement of variable payout, and the hours that you request for it.")
        )
    refused = [offer for offer in offers(locked, location, customer, now=now) if not offer.eligible]
    if refused:
        raise NotClaimable(refused)
    return [
        create(engagement, name, location, customer, contacts, by, now, requested_hours, source)
        for engagement in locked
    ]


def lock(engagements: Sequence[Engagement], customer: CustomerIdentity) -> list[Engagement]:
    """Engagement rows by key, then the customer's family: the one order in which everybody locks."""
    rows = (
        Engagement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("solution_area", "activity_type")
        .prefetch_related("rate_cards__market_list", "evidence")
    )
    locked = list(rows.filter(pk__in=[e.pk for e in engagements]).order_by("pk"))
    Organization.objects.select_for_update(no_key=True).get(pk=customer.organization_id)
    return locked


def expire_overdue(engagements: Sequence[Engagement], customer: CustomerIdentity, *, now: datetime) -> None:
    """What passed its deadline is no longer open, whether or not a job has run, and takes nobody's place (DL-4)."""
    family = Claim.objects.filter(
        engagement__in=engagements, counts_as__organization=customer.organization_id
    )
    for claim in family.due(now).order_by("pk"):
        expire(claim, now=now)


def create(
    engagement: Engagement,
    name: str,
    location: Location,
    customer: CustomerIdentity,
    contacts: Contacts,
    by: User,
    now: datetime,
    requested_hours: int | None,
    source: Source,
) -> Claim:
    terms = engagement.terms
    claim = Claim(
        name=name,
        engagement=engagement,
        location=location,
        partner=location.partner,
        customer=customer,
        counts_as=customer.counts_as,
        created_by=by,
        created_at=now,
        updated_at=now,
        consent_days=terms.consent_days,
        submit_days=terms.submit_days,
        review_days=terms.review_days,
        dispute_days=terms.dispute_days,
        requirements=engagement.requirements,
        requested_hours=requested_hours,
        only_open_of=only_one(Candidate(engagement, customer, location.country.code)),
        row_key=source.row_key,
        customer_survey_required=engagement.customer_survey,
        partner_survey_required=engagement.partner_survey,
        search_text=fold(
            f"{name} {customer.organization.name} {customer.value} {location.partner_number} {location.name}"
        ),
        **asdict(contacts),
    )
    claim.expires_at = deadlines.deadline(claim)
    claim.save(force_insert=True)
    Slot.objects.bulk_create(slots_of(claim))
    facts = {"detail": source.detail, "to_status": claim.status}
    record(claim, "create", party=Party.PARTNER, by=by, now=now, **facts)
    return claim


def slots_of(claim: Claim) -> list[Slot]:
    """The engagement's documents, and the public sector disclosure where the customer must disclose (POE-2)."""
    copied = [
        Slot(claim=claim, code=s.code, name=s.name, kind=s.kind, position=s.position)
        for s in claim.engagement.evidence.all()
    ]
    if claim.customer.organization.must_disclose:
        kind = EvidenceSlot.Kind.PSD
        copied.append(
            Slot(claim=claim, code="psd", name=str(kind.label), kind=kind, position=len(copied) + 1)
        )
    return copied
