"""One location with its people and claims, and strangers all around: what every door is tried on."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler

from claims import conversation
from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.models import Claim
from claims.states import Party
from claims.states import Status as S
from engagements.models import Attainment, Designation, Engagement, PrivateListEntry
from incentives.management.walk import prove, sheet
from incentives.models import Draft, Location, LocationRole, User
from mail.models import Link
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    StaffFactory,
    UserFactory,
    claim_at,
    give_role,
    hold,
    make_customer,
)
from tests.surveys.conftest import filled, key_of

from .routes import Route

ADMIN = LocationRole.Role.ADMIN
# Words that stand nowhere but in the claims of this scene, and in the engagement that only their location may see.
WORDS_OF_CLAIMS = ("Numbat", "Quokka", "Wallaby")
WORDS_OF_ENGAGEMENT = ("Bandicoot",)
STAFF = tuple(User.VendorRole.values)
STATUSES = (S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT, S.CONSENT_RECEIVED, S.UNDER_REVIEW, S.REJECTED)
# Which claim a door is tried on, where the one with complete evidence before its first submit will not do.
CLAIM_FOR = {
    "claims:dispute": S.REJECTED,
    "consent:start": S.CUSTOMER_CLAIMED,
    "consent:request": S.CUSTOMER_CLAIMED,
    "consent:sent": S.AWAITING_CONSENT,
}


@dataclass
class Scene:
    """The people by what they are to the location, its claims by status, and what a request to each door needs."""

    now: datetime
    location: Location
    invited: Location
    engagement: Engagement
    people: dict[str, User | None]
    at: dict[S, Claim]
    unanswered: Claim
    draft: Draft
    links: dict[str, Link]
    rows: dict[str, int]
    handlers: dict[bool, ClientHandler] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str, *, strict: bool = False) -> Client:
        """A browser in which this person has signed in; a `strict` one must bring a token with every form."""
        client = Client(enforce_csrf_checks=strict, raise_request_exception=False, **self.environ)
        # One handler for all: loading the middleware takes longer than most requests.
        client.handler = self.handlers.setdefault(strict, client.handler)
        if user := self.people[who]:
            client.force_login(user)
        return client

    def claim_for(self, name: str) -> Claim:
        usual = S.UNDER_REVIEW if name.startswith("admin:") else S.CONSENT_RECEIVED
        return self.at[CLAIM_FOR.get(name, usual)]

    def arguments(self, name: str) -> dict[str, Any]:
        """What fills the parameters of this door's address, so that whoever may pass finds something behind it."""
        claim = self.claim_for(name)
        return {
            "claim": claim.pk,
            "slot": claim.slots.first().pk,
            "document": getattr(claim.documents.first(), "pk", 0),
            "location": self.invited.pk,
            "engagement": self.engagement.code,
            "draft": self.draft.pk,
            "step": "contacts" if name == "consent:request" else "review",
            "audience": "partner",
            "side": "partner",
            "action": "approve",
            "link": self.links["consent"].pk,
            "key": key_of(self.links.get(name.removeprefix("door:"), self.links["consent"])),
            "object_id": next((pk for model, pk in self.rows.items() if model in name), 0),
            "content_type_id": 1,
            "app_label": "claims",
            "url": "nothing/",
            "pk": 1,
        }

    def path(self, route: Route) -> str:
        if route.name not in self.paths:
            self.paths[route.name] = route.path(self.arguments(route.name))
        return self.paths[route.name]

    def body(self, name: str) -> dict[str, Any]:
        """A form for this door as its page would send it; freshly made, as a file can be sent once."""
        claim = self.claim_for(name)
        contacts = {name: getattr(claim, name) for name in CUSTOMER_FIELDS + PARTNER_FIELDS}
        return {
            "claims:add": {"area": self.engagement.solution_area_id},
            "claims:comments": {"text": "A new comment", "form_key": uuid.uuid4()},
            "claims:contacts": {
                "partner_contact_name": "Another Name",
                "partner_contact_email": "another@partner.example",
                "revision": claim.revision,
            },
            "claims:upload": {
                "files": SimpleUploadedFile("report.pdf", sheet("A new report"), "application/pdf"),
                "form_key": uuid.uuid4(),
            },
            "claims:removal": {"documents": [document.pk for document in claim.documents.all()]},
            "consent:request": contacts,
            "surveys:answer": filled("partner"),
            "admin:claims_claim_comments": {"text": "A question", "form_key": uuid.uuid4()},
            "admin:engagements_attainment_add": self.attainment() | {"designation": "Co-sell Ready"},
            "admin:engagements_attainment_change": self.attainment(),
            "admin:claims_claim_decision": {"comment": "It is complete.", "revision": claim.revision},
        }.get(name, {})

    def attainment(self) -> dict[str, Any]:
        """What a location holds, as typed at the desk."""
        number = self.location.partner_number
        return {
            "location": number,
            "held_from": "2026-01-01",
            "expires_on": "2100-01-01",
            "designation": "SP Security",
        }


def people_around(location: Location) -> dict[str, User | None]:
    """Everybody who can stand before a door, by what they are to the location."""
    beside, elsewhere = LocationFactory(partner=location.partner), LocationFactory()
    people: dict[str, User | None] = {"nobody": None}
    for who, place, role in (
        ("gone", location, LocationRole.Role.USER),
        ("user", location, LocationRole.Role.USER),
        ("admin", location, ADMIN),
        ("neighbour", beside, ADMIN),
        ("stranger", elsewhere, LocationRole.Role.USER),
        ("strange_admin", elsewhere, ADMIN),
    ):
        person = UserFactory(partner=place.partner, is_active=who != "gone")
        people[who] = give_role(person, place, role=role)
    people["roleless"] = UserFactory(partner=location.partner)
    return people | {role: StaffFactory(vendor_role=role) for role in STAFF}


def claim_of(user: User, location: Location, engagement: Engagement, status: S, now: datetime) -> Claim:
    customer = make_customer()
    customer.organization.name = "Numbat Limited"
    customer.organization.save()
    facts = {"by": user, "location": location, "engagement": engagement, "customer": customer}
    claim = claim_at(status, now=now, name="Quokka claim", **facts)
    conversation.comment(claim, "A Wallaby came by.", party=Party.PARTNER, by=user, now=now)
    return claim


def finished_draft(user: User, location: Location, engagement: Engagement, now: datetime) -> Draft:
    """A run of the Add customer wizard in which only the last button is still to be pressed."""
    customer = make_customer()
    answers = {
        "customer": {
            "name": ["Quokka draft"],
            "location": [str(location.pk)],
            "id_kind": ["tenant"],
            "id_value": [customer.value],
        },
        "engagement": {"engagements": [engagement.code]},
        "contacts": {
            "customer_contact_name": ["Susie Jones"],
            "customer_contact_email": [f"susie@{customer.domains.first().value}"],
            "partner_contact_name": [user.full_name],
            "partner_contact_email": [user.email],
        },
    }
    about = {"area": engagement.solution_area_id, "engagement": engagement.code}
    return Draft.objects.create(
        user=user, purpose="add_customer", about=about, answers=answers, created_at=now, updated_at=now
    )


def make_scene(now: datetime) -> Scene:
    location = LocationFactory()
    invited = LocationFactory(partner=location.partner, enrolled=False)
    people = people_around(location)
    user = people["user"]
    give_role(user, invited)
    give_role(people["admin"], invited, role=ADMIN)
    hold(location, "SP Security")
    Designation.objects.create(code="Co-sell Ready", name="Co-sell Ready", kind="designation")
    engagement = EngagementFactory(name="Bandicoot workshop", private_list=True)
    PrivateListEntry.objects.create(engagement=engagement, location=location)
    claims = {status: claim_of(user, location, engagement, status, now) for status in STATUSES}
    prove(claims[S.CONSENT_RECEIVED], StaffFactory(), now - timedelta(hours=1))
    unanswered = claim_of(user, location, engagement, S.CONSENT_RECEIVED, now)
    subjects = {
        Link.Purpose.CONSENT: claims[S.AWAITING_CONSENT],
        Link.Purpose.CUSTOMER_SURVEY: unanswered,
        Link.Purpose.PARTNER_SURVEY: unanswered,
    }
    return Scene(
        now=now,
        location=location,
        invited=invited,
        engagement=engagement,
        people=people,
        at=claims,
        unanswered=unanswered,
        draft=finished_draft(user, location, engagement, now),
        rows={
            "ratecard": engagement.rate_cards.first().pk,
            "engagement": engagement.pk,
            "attainment": Attainment.objects.get().pk,
            "group": Group.objects.create(name="Nobodys").pk,
        },
        links={
            purpose.value: Link.mint(purpose, claim.pk, address="someone@customer.example", now=now)
            for purpose, claim in subjects.items()
        },
    )
