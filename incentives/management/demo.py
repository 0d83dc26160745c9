"""The demo: partners, people and claims in every status, made with the real verbs at past instants."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile

import incentives
from claims.creation import Contacts, create_claims
from claims.models import Claim, CustomerIdentity
from claims.states import Status as S
from engagements import changes
from engagements.catalogue_records import KINDS
from engagements.customer_lists import uploads
from engagements.models import Attainment, Engagement, ListUpload, PrivateListEntry
from engagements.recordfile import Problem, read
from incentives.enrolment import discontinue, unmet
from incentives.models import (
    Enrolment,
    LedgerEntry,
    Location,
    LocationRole,
    Partner,
    PartnerRole,
    PayeeProfile,
    ProgrammeTerms,
    User,
)
from incentives.people import grants, invitations, standing
from incentives.people.grants import Roles
from mail.models import Link, ReminderWish

from . import payees
from .walk import walk

CANNED = Path(incentives.__file__).parent / "data" / "demo_canned_comments.jsonl"
PARTNERS = Path(incentives.__file__).parent / "data" / "demo_partners.json"
PASSWORD = "demo-portal-2026"  # noqa: S105 (printed at every start of the demo)
ADMIN, USER = LocationRole.Role.ADMIN, LocationRole.Role.USER
LAS_VEGAS, BUDAPEST, DUBLIN, SEATTLE = 5272302, 5287170, 5356509, 5301120
MUMBAI = 6284410
# What a location held until ten days ago, and an engagement that takes new claims for three weeks more.
LOST = {MUMBAI: ("SP Modern Work", "SP Security", "Specialization: Cloud Security")}
CLOSING = "MWS-05"


@dataclass(frozen=True)
class Account:
    """One demo account, as printed at the start."""

    email: str
    name: str
    says: str
    company: str = ""
    vendor_role: str = ""


ACCOUNTS = (
    Account(
        "admin@fridayinc.example",
        "Priya Kaur",
        "Account Admin, Referrals Admin, Incentive Admin for all FridayINC locations",
        "FridayINC",
    ),
    Account(
        "user@fridayinc.example",
        "Alexa Barket",
        "Incentive User for Las Vegas (5272302) and Budapest (5287170) only",
        "FridayINC",
    ),
    Account("nobody@fridayinc.example", "Noah Reyes", "no incentives role", "FridayINC"),
    Account(
        "admin@northwind.example",
        "Ingrid Solberg",
        "the same as the first, for Northwind Traders",
        "Northwind Traders",
    ),
    Account("reviewer@microsoft.example", "Mei Tanaka", "POE reviewer", vendor_role=User.VendorRole.REVIEWER),
    Account(
        "reviewer2@microsoft.example", "Tomás Novak", "POE reviewer", vendor_role=User.VendorRole.REVIEWER
    ),
    Account("lead@microsoft.example", "Grace Okafor", "review lead", vendor_role=User.VendorRole.LEAD),
    Account("owner@microsoft.example", "Daniel Weiss", "programme owner", vendor_role=User.VendorRole.OWNER),
    Account(
        "support@microsoft.example", "Lucia Romano", "support agent", vendor_role=User.VendorRole.SUPPORT
    ),
    Account("auditor@microsoft.example", "Henrik Dahl", "auditor", vendor_role=User.VendorRole.AUDITOR),
)


def make_partners(*, now: datetime) -> None:
    """Companies, locations, enrolments, attainments and private lists, from the demo file."""
    data = json.loads(PARTNERS.read_text())
    for company in data["partners"]:
        partner, _ = Partner.objects.get_or_create(
            global_id=int(company["global_id"]), defaults={"name": company["name"]}
        )
        for place in company["locations"]:
            make_location(partner, place, now)
    for code, numbers in data["private_lists"].items():
        engagement = Engagement.objects.get(code=code)
        for location in Location.objects.filter(partner_number__in=map(int, numbers)):
            PrivateListEntry.objects.get_or_create(engagement=engagement, location=location)


def make_canned_comments(*, now: datetime) -> None:
    """What the programme owner wrote at the desk: comments for reviewers, and so a first line of history."""
    problems: list[Problem] = []
    change = changes.collect(read(CANNED, KINDS, problems), problems)
    owner = User.objects.get(email="owner@microsoft.example")
    changes.apply(change, by=owner, deed=changes.Deed.DESK, now=now)


def make_location(partner: Partner, place: dict[str, Any], now: datetime) -> None:
    facts = {key: place[key] for key in ("name", "city", "country", "region")}
    facts["is_member"] = place.get("member", True)
    location, created = Location.objects.get_or_create(
        partner_number=int(place["partner_id"]), defaults={"partner": partner} | facts
    )
    if created:
        Enrolment.objects.create(location=location, status=place["enrolment"])
        PayeeProfile.objects.create(location=location)
        since = now.date() - timedelta(days=500)
        lost = now.date() - timedelta(days=10)
        Attainment.objects.bulk_create(
            Attainment(location=location, designation_id=code, held_from=since, expires_on=ends_on)
            for code, ends_on in [
                *((code, None) for code in place["designations"]),
                *((code, lost) for code in LOST.get(location.partner_number, ())),
            ]
        )


def make_people(*, now: datetime) -> None:
    """The accounts of the table, with their roles; one slow hash serves the password they share."""
    password = make_password(PASSWORD)
    for account in ACCOUNTS:
        if User.objects.filter(email=account.email).exists():
            continue
        partner = Partner.objects.get(name=account.company) if account.company else None
        user = User.objects.create(
            email=account.email,
            password=password,
            full_name=account.name,
            partner=partner,
            vendor_role=account.vendor_role,
        )
        if account.email.startswith("admin@") and partner:
            PartnerRole.objects.bulk_create(
                PartnerRole(user=user, partner=partner, role=role) for role in PartnerRole.Role
            )
            LocationRole.objects.bulk_create(
                LocationRole(user=user, location=place, role=ADMIN) for place in partner.locations.all()
            )
    make_colleagues(now=now)
    ReminderWish.choose("admin@northwind.example", ReminderWish.How.DAILY, now=now - timedelta(days=100))


def make_colleagues(*, now: datetime) -> None:
    """What the Account Admin of FridayINC did with its people, as the audit tells it: every standing is there once."""
    admin = User.objects.get(email="admin@fridayinc.example")
    places = {place.partner_number: place for place in Location.objects.filter(partner=admin.partner)}
    both = [places[LAS_VEGAS], places[BUDAPEST]]
    user = User.objects.get(email="user@fridayinc.example")
    grants.give_roles(user, Roles(USER, both), by=admin, now=now - timedelta(days=210))

    invited = now - timedelta(days=160)
    clara = invitations.invite(
        "clara@fridayinc.example", "Clara Lindqvist", Roles(USER, both[1:]), by=admin, now=invited
    )
    link = Link.objects.get(purpose=Link.Purpose.INVITATION, subject_id=clara.pk)
    accepted = invited + timedelta(hours=5)
    clara = invitations.accept(link, full_name=clara.full_name, password=PASSWORD, now=accepted)
    grants.give_roles(clara, Roles(ADMIN, both[1:]), by=admin, now=now - timedelta(days=120))
    grants.take_roles(
        clara, by=admin, now=now - timedelta(days=22), incentive=list(clara.location_roles.all())
    )
    standing.deactivate(clara, by=admin, now=now - timedelta(days=21))

    roles = Roles(USER, [places[DUBLIN]])
    yesterday = now - timedelta(days=1)
    invitations.invite("yusuf@fridayinc.example", "Yusuf Demir", roles, by=admin, now=yesterday)


def make_enrolments(*, now: datetime) -> None:
    """Sample terms, and for each location on its way or in the programme who accepted them and when."""
    terms, _ = ProgrammeTerms.objects.get_or_create(
        version="2026-1",
        defaults={
            "title": "Microsoft Commerce Incentives sample terms",
            "text": (PARTNERS.parent / "demo_terms.txt").read_text(),
            "in_force_from": (now - timedelta(days=500)).date(),
            "not_offered_in": ["BY"],
            "published_at": now - timedelta(days=510),
            "published_by": User.objects.get(email="owner@microsoft.example"),
        },
    )
    admins = {role.partner_id: role.user for role in PartnerRole.objects.select_related("user")}
    untouched = {Enrolment.Status.INVITED, Enrolment.Status.INELIGIBLE}
    for enrolment in Enrolment.objects.select_related("location__payee"):
        if enrolment.status not in untouched:
            enrolment.terms, enrolment.accepted_by = terms, admins[enrolment.location.partner_id]
            enrolment.accepted_at = now - timedelta(days=430)
        if enrolment.status == Enrolment.Status.ENROLLED:
            enrolment.enrolled_at = now - timedelta(days=429)
        enrolment.missing, enrolment.judged_at = unmet(enrolment.location, terms, now=now), now
        enrolment.save()


def end_enrolments(*, now: datetime) -> None:
    """What the programme owner discontinued, for the reason in the demo file."""
    owner = User.objects.get(vendor_role=User.VendorRole.OWNER)
    for company in json.loads(PARTNERS.read_text())["partners"]:
        for place in company["locations"]:
            if reason := place.get("discontinued"):
                location = Location.objects.get(partner_number=int(place["partner_id"]))
                discontinue(location, by=owner, reason=reason, now=now - timedelta(days=75))


def make_payees(*, now: datetime) -> None:
    """Bank and tax details as the demo file says: complete, expired, half entered or none."""
    for company in json.loads(PARTNERS.read_text())["partners"]:
        for place in company["locations"]:
            location = Location.objects.get(partner_number=int(place["partner_id"]))
            payees.enter(location, place["payee"], now=now)


# The engagement for listed customers only, and who is not on its list.
LISTED_ONLY, NOT_LISTED = "MWS-02", ("proseware", "relecloud")
MISTAKES = (
    "Tenant;72f988bf\nTPID;4983154\nDomain name;https://treyresearch.net/\nDomain name;treyresearch.net\n"
)


def make_customer_lists(*, now: datetime) -> None:
    """A list of eligible customers as its owner brought it: the first, one with mistakes, one cancelled, one more."""
    Engagement.objects.filter(code=LISTED_ONLY).update(customer_list=True)
    tenants = CustomerIdentity.objects.filter(kind="tenant").exclude(organization__code__in=NOT_LISTED)
    rows = [f"Tenant ID;{value}\n" for value in tenants.order_by("value").values_list("value", flat=True)]
    replace, add = ListUpload.Mode.REPLACE, ListUpload.Mode.ADD
    bring_list("frontline-customers.csv", "".join(rows), replace, now - timedelta(days=200))
    bring_list("additions.csv", MISTAKES, add, now - timedelta(days=9))
    bring_list("additions-draft.csv", rows[0], replace, now - timedelta(days=8, hours=1), keep=False)
    bring_list("additions.csv", rows[0] + "Domain name;adatum.com\n", add, now - timedelta(days=8))


def bring_list(name: str, rows: str, mode: str, at: datetime, *, keep: bool = True) -> None:
    owner = User.objects.get(vendor_role=User.VendorRole.OWNER)
    file = SimpleUploadedFile(name, f"Customer ID type;Customer ID\n{rows}".encode())
    engagement = Engagement.objects.get(code=LISTED_ONLY)
    upload = uploads.receive(engagement, file, mode=mode, by=owner, now=at)
    if keep:
        uploads.read(upload.pk, now=at + timedelta(seconds=1))
    else:
        uploads.cancel(upload, by=owner, now=at + timedelta(seconds=1))


def let_one_close_soon(*, now: datetime) -> None:
    Engagement.objects.filter(code=CLOSING).update(closes_on=now.date() + timedelta(days=21))


@dataclass(frozen=True)
class Story:
    """One demo claim: where it stands, for what, with whom, by which location, its days of age and its hours."""

    status: S
    engagement: str
    customer: str
    location: int
    days: float
    name: str
    hours: int | None = None


STORIES = (
    Story(S.CUSTOMER_CLAIMED, "MWS-02", "adventure-works", LAS_VEGAS, 3, "Adventure Works - frontline"),
    Story(S.CUSTOMER_CLAIMED, "MWS-03", "woodgrove-bank", BUDAPEST, 27, "Woodgrove endpoints"),
    Story(S.AWAITING_CONSENT, "MWS-07", "fabrikam", LAS_VEGAS, 2, "Fabrikam insights"),
    Story(S.AWAITING_CONSENT, "MWS-02", "litware", BUDAPEST, 28.5, "Litware frontline"),
    Story(S.CONSENT_RECEIVED, "MWS-03", "fabrikam", LAS_VEGAS, 40, "Fabrikam devices"),
    Story(S.CONSENT_RECEIVED, "MWS-07", "adatum", LAS_VEGAS, 12, "A. Datum insights (public sector)"),
    Story(S.CONSENT_RECEIVED, "MWS-20", "woodgrove-bank", BUDAPEST, 88, "Woodgrove multi-cloud"),
    Story(S.CONSENT_DECLINED, "MWS-04", "litware", LAS_VEGAS, 20, "Litware meetings"),
    Story(S.CONSENT_EXPIRED, "MWS-06", "adventure-works", LAS_VEGAS, 45, "Adventure Works Viva"),
    Story(S.SUBMITTED, "MWS-02", "fabrikam", LAS_VEGAS, 9, "Fabrikam frontline"),
    Story(S.SUBMITTED, "MWS-19", "litware", BUDAPEST, 116, "Litware sensitive data"),
    Story(S.UNDER_REVIEW, "MWS-22", "adventure-works", LAS_VEGAS, 14, "Adventure Works SIEM and XDR"),
    Story(S.ACTION_REQUIRED, "MWS-23", "wingtip-toys", LAS_VEGAS, 25, "Wingtip identity"),
    Story(S.APPROVED, "MWS-02", "woodgrove-bank", LAS_VEGAS, 150, "Woodgrove frontline"),
    Story(S.APPROVED, "MWS-08", "adventure-works", BUDAPEST, 90, "Adventure Works calling"),
    Story(S.REJECTED, "MWS-04", "fabrikam", LAS_VEGAS, 18, "Fabrikam meeting rooms"),
    Story(S.DISPUTED, "MWS-07", "litware", LAS_VEGAS, 22, "Litware insights"),
    Story(S.REJECTED_FINAL, "MWS-06", "woodgrove-bank", BUDAPEST, 60, "Woodgrove Viva"),
    Story(S.CANCELLED, "MWS-03", "adventure-works", LAS_VEGAS, 33, "Adventure Works endpoints"),
    Story(S.NOT_SUBMITTED_EXPIRED, "MWS-08", "fabrikam", LAS_VEGAS, 130, "Fabrikam calling"),
    Story(
        S.POST_SUBMISSION_EXPIRED, "MWS-20", "adventure-works", BUDAPEST, 160, "Adventure Works multi-cloud"
    ),
    Story(S.DISPUTE_EXPIRED, "MWS-22", "woodgrove-bank", LAS_VEGAS, 70, "Woodgrove SIEM and XDR"),
    Story(S.CONSENT_RECEIVED, "BAP-54", "litware", LAS_VEGAS, 10, "Litware envisioning", hours=10),
    Story(S.AWAITING_CONSENT, "MWS-07", "fabrikam", SEATTLE, 4, "Fabrikam insights with Northwind"),
    Story(S.CONSENT_RECEIVED, "MWS-19", "adventure-works", SEATTLE, 15, "Adventure Works sensitive data"),
    Story(S.UNDER_REVIEW, "MWS-22", "fabrikam", SEATTLE, 21, "Fabrikam SIEM and XDR"),
    Story(S.APPROVED, "MWS-02", "litware", SEATTLE, 100, "Litware frontline with Northwind"),
)


def make_claims(*, now: datetime) -> None:
    """One claim at least in each status, oldest first, so that Claim IDs grow with time."""
    for story in sorted(STORIES, key=lambda story: -story.days):
        tell(story, now=now)
    pay(now=now)


def tell(story: Story, *, now: datetime) -> Claim:
    engagement = Engagement.objects.get(code=story.engagement)
    location = Location.objects.get(partner_number=story.location)
    creator = User.objects.filter(location_roles__location=location, is_active=True).order_by("-email")[0]
    identities = CustomerIdentity.objects.filter(organization__code=story.customer)
    domain = identities.filter(kind="domain", tenant__isnull=False).order_by("pk")[0]
    customer = identities.filter(kind="opportunity").order_by("pk")[0] if story.hours else domain
    contacts = Contacts(
        "Susie Jones",
        f"susie.jones@{domain.value}",
        creator.full_name,
        creator.email,
        "IT Systems Administrator",
    )
    (claim,) = create_claims(
        name=story.name,
        location=location,
        customer=customer,
        engagements=[engagement],
        contacts=contacts,
        by=creator,
        now=now - timedelta(days=story.days),
        requested_hours=story.hours,
    )
    walk(claim, story.status, reviewer=User.objects.get(email="reviewer@microsoft.example"), now=now)
    return claim


def pay(*, now: datetime) -> None:
    """The earnings that are older than a payment cycle of 45 days have been paid."""
    for earned in LedgerEntry.objects.filter(kind=LedgerEntry.Kind.EARNED, at__lt=now - timedelta(days=45)):
        LedgerEntry.objects.create(
            location=earned.location,
            kind=LedgerEntry.Kind.PAID,
            amount_usd=earned.amount_usd,
            claim_number=earned.claim_number,
            text=earned.text,
            at=earned.at + timedelta(days=45),
        )


# The customers that sit exactly at a limit, and the limit of the engagement that makes it so (LIM-1 to LIM-5).
FULL_AREA = ("MWS-02", "MWS-03", "MWS-04", "MWS-06", "MWS-07", "MWS-08", "MWS-19", "MWS-20", "MWS-22")


def make_full_limits(*, now: datetime) -> None:
    """Wide World Importers holds nine open claims (LIM-1); three engagements have reached their own limits."""
    for code in FULL_AREA:
        tell(
            Story(S.CUSTOMER_CLAIMED, code, "wide-world-importers", DUBLIN, 5, "Wide World Importers"),
            now=now,
        )
    Engagement.objects.filter(code="MWS-23").update(limit_consents=1)
    Engagement.objects.filter(code="MWS-04").update(limit_unique_customers=1)
