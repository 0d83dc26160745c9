"""Many partners, engagements, customers and claims, made fast (COPY): something to measure with, never a demo.

The claims stand in every status at plausible instants, one in ten of them open. They come without the history,
documents and surveys that only walking them there would make.
"""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from claims.models import Claim, CustomerIdentity, Organization
from claims.states import Status as S
from engagements.models import (
    ActivityType,
    Attainment,
    Designation,
    Engagement,
    MarketList,
    PrivateListEntry,
    RateCard,
    SolutionArea,
)
from incentives.listing import fold
from incentives.models import Enrolment, Location, LocationRole, Partner, PayeeProfile, User
from incentives.models.payee import Part

from . import payees

PLACES = (
    ("US", "Seattle", "North America"),
    ("US", "Austin", "North America"),
    ("IN", "New Delhi", "India"),
    ("DE", "Berlin", "Western Europe"),
    ("FR", "Paris", "Western Europe"),
    ("HU", "Budapest", "Central Europe"),
    ("BR", "São Paulo", "Latin America"),
    ("SG", "Singapore", "Asia Pacific"),
)
LOCATIONS_OF_A_PARTNER = 50
FIRST_PARTNER_NUMBER = 7_000_000
CLAIMS_OF_A_CUSTOMER = 20
BATCH = 5000
DAY = timedelta(days=1)
# Of a thousand claims, how many stand in each status, and how many days old they are at least and at most.
MIX: dict[S, tuple[int, float, float]] = {
    S.CUSTOMER_CLAIMED: (15, 0, 29),
    S.AWAITING_CONSENT: (20, 1, 29),
    S.CONSENT_RECEIVED: (30, 12, 80),
    S.SUBMITTED: (10, 20, 110),
    S.UNDER_REVIEW: (10, 25, 115),
    S.ACTION_REQUIRED: (10, 30, 110),
    S.DISPUTED: (5, 40, 60),
    S.REJECTED: (30, 40, 900),
    S.APPROVED: (450, 60, 900),
    S.CONSENT_EXPIRED: (110, 31, 900),
    S.CONSENT_DECLINED: (70, 5, 900),
    S.CANCELLED: (90, 2, 900),
    S.REJECTED_FINAL: (60, 70, 900),
    S.NOT_SUBMITTED_EXPIRED: (70, 110, 900),
    S.POST_SUBMISSION_EXPIRED: (10, 140, 900),
    S.DISPUTE_EXPIRED: (10, 90, 900),
}
UNANSWERED = {S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT, S.CONSENT_EXPIRED, S.CONSENT_DECLINED, S.CANCELLED}


class Bulk:
    """One run with a chance of its own, so that the same numbers make the same rows."""

    def __init__(self, *, now: datetime, seed: int = 20261121) -> None:
        self.now, self.today = now, now.date()
        self.chance = random.Random(seed)  # noqa: S311 (sample data, not a secret)

    def make(self, *, claims: int, engagements: int, locations: int) -> None:
        with transaction.atomic():
            self.make_partners(locations)
            self.make_engagements(engagements)
            customers = self.make_customers(max(1, claims // CLAIMS_OF_A_CUSTOMER))
            self.make_claims(claims, customers)

    def make_partners(self, locations: int) -> None:
        """Companies of fifty locations each, one in ten not enrolled yet, each company with its admin."""
        designations = list(Designation.objects.values_list("code", flat=True))
        partners = Partner.objects.bulk_create(
            Partner(global_id=FIRST_PARTNER_NUMBER + n, name=f"Bulk Partner {n:03}")
            for n in range(-(-locations // LOCATIONS_OF_A_PARTNER))
        )
        self.people = User.objects.bulk_create(
            User(email=f"bulk{n}@partner.example", full_name=f"Bulk Admin {n}", partner=partner)
            for n, partner in enumerate(partners)
        )
        self.places = Location.objects.bulk_create(
            self.location(partners[n // LOCATIONS_OF_A_PARTNER], n) for n in range(locations)
        )
        Enrolment.objects.bulk_create(
            Enrolment(location=place, status="action_required" if n % 10 == 9 else "enrolled")
            for n, place in enumerate(self.places)
        )
        PayeeProfile.objects.bulk_create(
            payees.sample(place, tuple(Part) if n % 8 else ()) for n, place in enumerate(self.places)
        )
        LocationRole.objects.bulk_create(
            LocationRole(user=self.admin_of(place), location=place, role=LocationRole.Role.ADMIN)
            for place in self.places
        )
        Attainment.objects.bulk_create(
            Attainment(location=place, designation_id=code, held_from=self.today - 400 * DAY)
            for place in self.places
            for code in self.chance.sample(designations, min(12, len(designations)))
        )

    def location(self, partner: Partner, n: int) -> Location:
        country, city, region = PLACES[n % len(PLACES)]
        number = FIRST_PARTNER_NUMBER + n
        return Location(
            partner=partner,
            partner_number=number,
            name=partner.name,
            city=city,
            country=country,
            region=region,
        )

    def admin_of(self, place: Location) -> User:
        return self.people[(place.partner_number - FIRST_PARTNER_NUMBER) // LOCATIONS_OF_A_PARTNER]

    def make_engagements(self, engagements: int) -> None:
        """All of one solution area, which is the worst case for its tab; one in ten for a private list."""
        area, activity = SolutionArea.objects.get(code="azure"), ActivityType.objects.get(code="standard")
        designations = list(Designation.objects.values_list("code", flat=True))
        self.engagements = Engagement.objects.bulk_create(
            Engagement(
                code=f"BULK-{n:04}",
                name=f"Bulk engagement {n:04}",
                solution_area=area,
                workload="Azure",
                payout=Engagement.Payout.FIXED,
                activity_type=activity,
                opens_on=self.today - 1000 * DAY,
                closes_on=self.today + 10 * DAY if n % 50 == 49 else None,
                description="Made to measure with. " * 20,
                requirements=["Hold the workshop."] * 4,
                partner_criteria_any=sorted(self.chance.sample(designations, n % 4)),
                private_list=n % 10 == 9,
                id_types=["domain", "tenant"],
            )
            for n in range(engagements)
        )
        market_list = MarketList.objects.order_by("code")[0]
        RateCard.objects.bulk_create(
            RateCard(
                engagement=engagement,
                starts_on=engagement.opens_on,
                market_list=market_list,
                rate_a=Decimal(5000),
                rate_b=Decimal(3000),
                rate_c=Decimal(1000),
                unit=RateCard.Unit.CLAIM,
            )
            for engagement in self.engagements
        )
        PrivateListEntry.objects.bulk_create(
            PrivateListEntry(engagement=engagement, location=place)
            for engagement in self.engagements
            if engagement.private_list
            for place in self.places[:: self.chance.randint(2, 6)]
        )

    def make_customers(self, customers: int) -> list[CustomerIdentity]:
        """Organizations with a tenant each, by which they are claimed."""
        numbers = range(Organization.objects.count(), Organization.objects.count() + customers)
        organizations = Organization.objects.bulk_create(
            (
                Organization(code=f"bulk-{n}", name=f"Bulk Customer {n}", country=PLACES[n % len(PLACES)][0])
                for n in numbers
            ),
            batch_size=BATCH,
        )
        return CustomerIdentity.objects.bulk_create(
            (
                CustomerIdentity(
                    organization=organization,
                    kind="tenant",
                    value=str(uuid.UUID(int=self.chance.getrandbits(128))),
                )
                for organization in organizations
            ),
            batch_size=BATCH,
        )

    def make_claims(self, claims: int, customers: list[CustomerIdentity]) -> None:
        """Straight into the table, past the trigger that lets a claim start as Customer claimed only."""
        names = [(customer.pk, customer.organization.name, customer.value) for customer in customers]
        into = f"COPY claims_claim ({', '.join(CLAIM)}) FROM STDIN"
        with connection.cursor() as cursor, without_indexes(), held(cursor), cursor.copy(into) as stream:
            for row in self.claims(claims, names):
                stream.write_row(row)
        with connection.cursor() as cursor:
            cursor.execute(EARN, [self.now])
            cursor.execute(PAY, [self.now])

    def claims(self, number: int, names: list[tuple[int, str, str]]) -> Iterator[tuple[Any, ...]]:
        chance = self.chance
        statuses = chance.choices([*MIX], [share for share, _least, _most in MIX.values()], k=number)
        for n, status in zip(count(1), statuses):
            _share, least, most = MIX[status]
            place = chance.choice(self.places)
            customer, organization, tenant = chance.choice(names)
            yield (
                f"Bulk claim {n}",
                chance.choice(self.engagements).pk,
                place.pk,
                place.partner_id,
                customer,
                customer,
                self.admin_of(place).pk,
                status.value,
                *self.instants(status, chance.uniform(least, most)),
                *TERMS,
                5000 if status not in UNANSWERED else None,
                Decimal(5000) if status not in UNANSWERED else None,
                "" if status in UNANSWERED else "A",
                fold(f"Bulk claim {n} {organization} {place.partner_number} {place.name}"),
                *(organization.lower(), "tenant", tenant),
            )

    def instants(self, status: S, age: float) -> Iterator[datetime | None]:
        """Created, updated, expires, consent asked, consented, submitted, reviewed, rejected and disputed at."""
        created = self.now - age * DAY
        asked = None if status == S.CUSTOMER_CLAIMED else created + 0.1 * DAY
        consented = None if status in UNANSWERED else created + min(age * 0.1, 9) * DAY
        submitted = created + min(age * 0.3, 20) * DAY if status in SUBMITTED_ONCE else None
        reviewed = created + min(age * 0.5, 35) * DAY if status in REVIEWED_ONCE else None
        rejected = reviewed if status in REJECTED_ONCE else None
        disputed = rejected + DAY if rejected and status in DISPUTED_ONCE else None
        since, days = {
            S.CUSTOMER_CLAIMED: (created, 30),
            S.AWAITING_CONSENT: (created, 30),
            S.CONSENT_RECEIVED: (consented, 90),
            S.ACTION_REQUIRED: (consented, 120),
            S.REJECTED: (rejected, 30),
            S.DISPUTED: (rejected, 30),
        }.get(status, (None, 0))
        expires = since + days * DAY if since else None
        updated = disputed or reviewed or submitted or consented or asked or created
        yield from (
            created,
            updated,
            expires,
            asked,
            consented,
            submitted,
            submitted,
            reviewed,
            rejected,
            disputed,
        )


REJECTED_ONCE = {S.REJECTED, S.DISPUTED, S.REJECTED_FINAL, S.DISPUTE_EXPIRED}
DISPUTED_ONCE = REJECTED_ONCE - {S.REJECTED}
REVIEWED_ONCE = REJECTED_ONCE | {S.APPROVED, S.ACTION_REQUIRED, S.POST_SUBMISSION_EXPIRED}
SUBMITTED_ONCE = REVIEWED_ONCE | {S.SUBMITTED, S.UNDER_REVIEW}
CLAIM = (
    *("name", "engagement_id", "location_id", "partner_id", "customer_id", "counts_as_id", "created_by_id"),
    *("status", "created_at", "updated_at", "expires_at", "consent_requested_at", "consented_at"),
    *("first_submitted_at", "submitted_at", "reviewed_at", "rejected_at", "disputed_at"),
    *("revision", "consent_days", "submit_days", "review_days", "dispute_days"),
    *("customer_contact_name", "customer_contact_email", "customer_contact_title"),
    *("partner_contact_name", "partner_contact_email", "domain_mismatch_reason"),
    *("customer_survey_required", "partner_survey_required", "requirements"),
    *("deal_size_usd", "payable_usd", "market", "search_text"),
    *("sort_customer", "sort_id_kind", "sort_customer_id"),
)
TERMS = (
    *(1, 30, 90, 120, 30),
    *("Susie Jones", "susie.jones@customer.example", "", "Bulk Admin", "bulk@partner.example", ""),
    *(False, False, "[]"),
)
EARN = """
    INSERT INTO incentives_ledgerentry (location_id, kind, amount_usd, claim_number, text, at)
    SELECT location_id, 'earned', payable_usd, id, name, reviewed_at FROM claims_claim
    WHERE status = 'approved' AND name LIKE 'Bulk claim %%' AND reviewed_at < %s"""
PAY = """
    INSERT INTO incentives_ledgerentry (location_id, kind, amount_usd, claim_number, text, at)
    SELECT location_id, 'paid', amount_usd, claim_number, text, at + interval '45 days'
    FROM incentives_ledgerentry
    WHERE kind = 'earned' AND text LIKE 'Bulk claim %%' AND at < %s - interval '45 days'"""


@contextmanager
def held(cursor: CursorWrapper) -> Iterator[None]:
    """The table's own triggers rest, and no statement is too long."""
    cursor.execute("SET LOCAL statement_timeout = 0")
    cursor.execute("ALTER TABLE claims_claim DISABLE TRIGGER USER")
    yield
    # PostgreSQL changes no table of which rows wait to be checked at the end of the transaction.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("ALTER TABLE claims_claim ENABLE TRIGGER USER")


@contextmanager
def without_indexes() -> Iterator[None]:
    """The indexes are made once, when all rows are there: many times faster than row by row."""
    with connection.schema_editor() as editor:
        for index in Claim._meta.indexes:
            editor.remove_index(Claim, index)
        yield
        for index in Claim._meta.indexes:
            editor.add_index(Claim, index)
