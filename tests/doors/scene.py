"""One location with its people and claims, and strangers all around: what every door is tried on."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from claims import conversation, export_jobs
from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.models import Claim, ClaimSheet, Export, QueuedSend, SavedView
from claims.sheets import jobs as sheet_jobs
from claims.states import Party
from claims.states import Status as S
from engagements import catalogue
from engagements.customer_lists import uploads
from engagements.desk.files import PURPOSE
from engagements.desk.forms import listed_on
from engagements.desk.page import version
from engagements.models import (
    Attainment,
    CannedComment,
    Designation,
    Engagement,
    ListUpload,
    MarketList,
    MaterialVersion,
    PrivateListEntry,
)
from incentives.enrolment import discontinue
from incentives.management.walk import prove, sheet
from incentives.models import Draft, Enrolment, Location, LocationRole, PartnerRole, ProgrammeTerms, User
from incentives.people import grants, invitations, standing
from incentives.people.grants import Roles
from mail.models import Link, Message
from mail.models.wishes import key_to
from tests.browsers import PlainBrowser
from tests.claims.sheets.sheets import csv_of, row
from tests.engagements.typing import NEW, card, confirmed
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    StaffFactory,
    TermsFactory,
    UserFactory,
    a_file,
    claim_at,
    give_role,
    hold,
    make_customer,
    make_version,
)
from tests.factories.incentives import PASSWORD
from tests.factories.payees import bank
from tests.surveys.conftest import filled, key_of

from .routes import Route

ADMIN = LocationRole.Role.ADMIN
# Words that stand nowhere but in the claims of this scene, and in the engagement that only their location may see.
WORDS_OF_CLAIMS = ("Numbat", "Quokka", "Wallaby")
WORDS_OF_ENGAGEMENT = ("Bandicoot",)
WORDS_OF_PEOPLE = ("Potoroo",)
LIST = b"Customer ID type,Customer ID\nDomain name,contoso.com\n"
STAFF = tuple(User.VendorRole.values)
STATUSES = (S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT, S.CONSENT_RECEIVED, S.UNDER_REVIEW, S.REJECTED)
# Which claim a door is tried on, where the one with complete evidence before its first submit will not do.
CLAIM_FOR = {
    "claims:dispute": S.REJECTED,
    "consent:start": S.CUSTOMER_CLAIMED,
    "consent:request": S.CUSTOMER_CLAIMED,
    "consent:sent": S.AWAITING_CONSENT,
}
# Which colleague a door is tried on, where an active one will not do.
COLLEAGUE_FOR = {"incentives:activate": "deactivated", "incentives:invite_again": "invited"}
# Which enrolment a door is tried on, where that of the location will not do.
ENROLMENT_FOR = {
    "admin:incentives_enrolment_discontinuation": "going on",
    "admin:incentives_enrolment_reinstatement": "ended",
}
NEW_PASSWORD = "quite another long password"
KINDS_OF_RECORDS = {
    "engagement": "engagement",
    "ratecard": "rate_card",
    "marketlist": "market_list",
    "solutionarea": "solution_area",
    "activitytype": "activity_type",
    "designation": "designation",
    "privatelistentry": "private_list",
    "cannedcomment": "canned_comment",
}
CHANGED = {
    "engagement": {"workload": "Another"},
    "rate_card": {"A": "4999.50"},
    "market_list": {"B": "HU, CA"},
    "solution_area": {"name": "Another name"},
    "activity_type": {"consent_days": "31"},
    "designation": {"name": "Another name"},
    "canned_comment": {"title": "Another title"},
}
NEW_AREA = (
    '{"record": "solution_area", "code": "new", "name": "New", "position": 7, "open_claims_limit": null}'
)


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
    colleagues: dict[str, User]
    enrolments: dict[str, Enrolment]
    draft: Draft
    view: SavedView
    exports: dict[str, Export]
    sheets: dict[str, ClaimSheet]
    terms: ProgrammeTerms
    list_upload: ListUpload
    links: dict[str, Link]
    catalogue: dict[str, Any]
    upload: Draft
    version: MaterialVersion
    environ: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str, *, strict: bool = False) -> Client:
        """A browser in which this person has signed in; a `strict` one must bring a token with every form."""
        client = PlainBrowser(enforce_csrf_checks=strict, **self.environ)
        if user := self.people[who]:
            client.force_login(user)
        return client

    def claim_for(self, name: str) -> Claim:
        usual = S.UNDER_REVIEW if name.startswith("admin:") else S.CONSENT_RECEIVED
        return self.at[CLAIM_FOR.get(name, usual)]

    def colleague_for(self, name: str) -> User:
        return self.colleagues[COLLEAGUE_FOR.get(name, "active")]

    def arguments(self, name: str) -> dict[str, Any]:
        """What fills the parameters of this door's address, so that whoever may pass finds something behind it."""
        claim = self.claim_for(name)
        return {
            "claim": claim.pk,
            "slot": claim.slots.first().pk,
            "document": getattr(claim.documents.first(), "pk", 0),
            "location": self.invited.pk,
            "person": self.colleague_for(name).pk,
            "engagement": self.engagement.code,
            "draft": self.upload.pk if name.startswith("admin:") else self.draft.pk,
            "engagement_id": self.engagement.pk,
            "upload": self.list_upload.pk,
            "view": self.view.pk,
            "export": self.exports["waiting" if "cancellation" in name else "ready"].pk,
            "sheet": self.sheets["waiting" if "cancellation" in name else "checked"].pk,
            "step": "contacts" if name == "consent:request" else "review",
            "audience": "partner",
            "kind": QueuedSend.Kind.PARTNER_SURVEY.value,
            "side": "partner",
            "action": "approve",
            "link": self.links["consent"].pk,
            "message": self.catalogue["message"].pk,
            "key": self.key_for(name),
            "object_id": self.row_for(name),
            "material": self.version.material_id,
            "version": self.version.pk,
            "content_type_id": 1,
            "app_label": "claims",
            "url": "nothing/",
            "pk": 1,
        }

    def key_for(self, name: str) -> str:
        """The key in the address of a public door, as its mail would hold it."""
        if name.startswith("door:reminders"):
            return key_to(self.catalogue["message"].to)
        return key_of(self.links.get(name.removeprefix("door:"), self.links["consent"]))

    def row_for(self, name: str) -> Any:
        """The key of the row that a door of the desk shows, by the model in its name."""
        if name in ENROLMENT_FOR:
            return self.enrolments[ENROLMENT_FOR[name]].pk
        return next((row.pk for model, row in self.catalogue.items() if f"_{model}_" in name), 0)

    def path(self, route: Route) -> str:
        if route.name not in self.paths:
            self.paths[route.name] = route.path(self.arguments(route.name))
        return self.paths[route.name]

    def body(self, name: str) -> dict[str, Any]:
        """A form for this door as its page would send it; freshly made, as a file can be sent once."""
        form = self.forms(self.claim_for(name)).get(name)
        return form() if form else self.catalogue_body(name)

    def forms(self, claim: Claim) -> dict[str, Callable[[], dict[str, Any]]]:
        """How the form of each door is filled in; only the wanted one is."""
        return {
            "claims:add": lambda: {"area": self.engagement.solution_area_id},
            "claims:columns": lambda: {"show": ["name", "status"], "back": "area=azure"},
            "claims:ask_export": lambda: {"format": "csv", "query": "", "form_key": uuid.uuid4()},
            "claims:add_sheet": lambda: {
                "file": csv_of([row(self.engagement, self.location, claim.customer)]),
                "form_key": uuid.uuid4(),
                "end": "whole",
            },
            "claims:save_view": lambda: {"name": "A view", "back": "status=approved"},
            "claims:view": lambda: {"name": "Another name", "shared": "on"},
            "claims:comments": lambda: {"text": "A new comment", "form_key": uuid.uuid4()},
            "claims:contacts": lambda: {
                "partner_contact_name": "Another Name",
                "partner_contact_email": "another@partner.example",
                "revision": claim.revision,
            },
            "claims:upload": lambda: {
                "files": SimpleUploadedFile("report.pdf", sheet("A new report"), "application/pdf"),
                "form_key": uuid.uuid4(),
            },
            "incentives:payee": lambda: bank(revision="1"),
            "claims:removal": lambda: {"documents": [document.pk for document in claim.documents.all()]},
            "consent:request": lambda: {
                name: getattr(claim, name) for name in CUSTOMER_FIELDS + PARTNER_FIELDS
            },
            "incentives:enrol": lambda: {"terms": self.terms.pk, "accepted": "on"},
            "surveys:answer": lambda: filled("partner"),
            "incentives:password": lambda: {
                "current_password": PASSWORD,
                "new_password": NEW_PASSWORD,
                "again": NEW_PASSWORD,
            },
            "incentives:reminders": lambda: {"how": "daily"},
            "incentives:forgotten": lambda: {"email": self.colleagues["active"].email},
            "incentives:invite": lambda: {"full_name": "Potoroo Guest", "email": "guest@partner.example"},
            "incentives:assign": self.roles,
            "incentives:unassign": lambda: {
                "incentive": [role.pk for role in self.colleagues["active"].location_roles.all()]
            },
            "admin:engagements_material_add": lambda: {"title": "Numbat guide"} | next_version(),
            "admin:engagements_material_versions": next_version,
            "admin:engagements_engagement_customers_upload": lambda: {
                "mode": "add",
                "file": SimpleUploadedFile("more.csv", LIST, "text/csv"),
                "form_key": uuid.uuid4(),
                "end": "whole",
            },
            "admin:claims_claim_comments": lambda: {"text": "A question", "form_key": uuid.uuid4()},
            "admin:engagements_attainment_add": lambda: self.attainment() | {"designation": "Co-sell Ready"},
            "admin:engagements_attainment_change": self.attainment,
            "admin:incentives_enrolment_discontinuation": lambda: {"reason": "The location has closed."},
            "admin:incentives_programmeterms_add": self.new_terms,
            "admin:mail_message_stop": lambda: {"reason": "The provider asks us to wait."},
            "admin:claims_claim_decision": lambda: {"comment": "It is complete.", "revision": claim.revision},
        }

    def attainment(self) -> dict[str, Any]:
        """What a location holds, as typed at the desk."""
        number = self.location.partner_number
        return {
            "location": number,
            "held_from": "2026-01-01",
            "expires_on": "2100-01-01",
            "designation": "SP Security",
        }

    def new_terms(self) -> dict[str, Any]:
        """The next version of the program terms, confirmed."""
        day = self.now.date() + timedelta(days=30)
        written = {"version": "next", "title": "Program terms", "text": "What a location agrees to."}
        where = {"in_force_from": day.isoformat(), "not_offered_in": "BY, HU"}
        return written | where | {"revision": self.terms.pk, "confirmed": "yes"}

    def roles(self) -> dict[str, Any]:
        return {"role": LocationRole.Role.USER.value, "locations": [self.location.partner_number]}

    def catalogue_body(self, name: str) -> dict[str, Any]:
        """A form of the programme owner: confirmed, so that it is saved."""
        if name == "admin:engagements_catalogue_upload":
            return {"file": SimpleUploadedFile("catalogue.jsonl", NEW_AREA.encode())}
        _app, _separator, rest = name.partition("admin:engagements_")
        model, _separator, deed = rest.partition("_")
        kind = KINDS_OF_RECORDS.get(model, "")
        if deed == "change" and kind:
            return confirmed(kind, self.catalogue[model], **CHANGED[kind])
        return confirmed(kind) | self.new(kind) if deed == "add" and kind else {}

    def new(self, kind: str) -> dict[str, Any]:
        code = self.engagement.code
        if kind == "private_list":
            before = {"engagement": code, "locations": listed_on(code)}
            numbers = str(self.invited.partner_number)
            return {
                "engagement": code,
                "deed": "add",
                "locations": numbers,
                "seen": version(kind, before),
            }
        if kind == "rate_card":
            return card(code)
        return NEW[kind] | ({"engagement": code} if kind == "canned_comment" else {})


def checked_file(owner: User | None, now: datetime) -> Draft:
    """A catalogue file that the owner has had checked, and not loaded yet."""
    about, answers = {"catalogue": catalogue.fingerprint()}, {"file": NEW_AREA}
    facts = {"user": owner, "created_at": now, "updated_at": now}
    return Draft.objects.create(purpose=PURPOSE, about=about, answers=answers, **facts)


def next_version() -> dict[str, Any]:
    """What the programme owner fills in for a version, of a file that is like no other."""
    typed = {"effective_on": "2099-12-31", "changes": "Shorter"}
    return typed | {"file": a_file(), "form_key": uuid.uuid4()}


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
    for who in ("admin", "strange_admin"):
        role = PartnerRole.Role.ACCOUNT_ADMIN
        PartnerRole.objects.create(user=people[who], partner=people[who].partner, role=role)
    people["roleless"] = UserFactory(partner=location.partner)
    return people | {role: StaffFactory(vendor_role=role) for role in STAFF}


def colleagues_of(admin: User, location: Location, now: datetime) -> dict[str, User]:
    """People of the company by their standing, made by its Account Admin, so that the audit tells of them."""
    facts = {"partner": location.partner, "full_name": "Potoroo Colleague"}
    colleagues = {name: UserFactory(**facts) for name in ("active", "deactivated")}
    roles = Roles(ADMIN, [LocationFactory(partner=location.partner)])
    grants.give_roles(colleagues["active"], roles, by=admin, now=now)
    standing.deactivate(colleagues["deactivated"], by=admin, now=now)
    colleagues["invited"] = invitations.invite(
        "newcomer@partner.example", "Potoroo Newcomer", Roles(), by=admin, now=now - timedelta(hours=1)
    )
    return colleagues


def enrolments_of_others(owner: User | None, now: datetime) -> dict[str, Enrolment]:
    """One that the programme owner can end, and one that was ended."""
    going_on, ended = LocationFactory(), LocationFactory()
    discontinue(ended, by=owner, reason="The location has closed.", now=now - timedelta(days=3))
    return {"going on": going_on.enrolment, "ended": Enrolment.objects.get(location=ended)}


def refused_mail() -> Message:
    """One that the mail server refused, and that is worth another try."""
    message = Message.objects.filter(link=None).order_by("pk")[0]
    message.state, message.attempts, message.answer = Message.State.FAILED, 1, "550 no such user"
    message.save()
    return message


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


def exports_of(user: User, now: datetime) -> dict[str, Export]:
    """A file that is ready, and one that still waits."""
    ready, waiting = (export_jobs.ask(user, "csv", "", form_key=uuid.uuid4(), now=now) for _ in range(2))
    export_jobs.make(ready.pk, now=now)
    return {"ready": Export.objects.get(pk=ready.pk), "waiting": waiting}


def sheets_of(user: User, location: Location, engagement: Engagement, now: datetime) -> dict[str, ClaimSheet]:
    """One whose row waits for the person's word, and one that still waits to be checked."""
    given = csv_of([row(engagement, location, make_customer(), name="Quokka sheet")], name="Quokka.csv")
    made = [sheet_jobs.receive(user, given, form_key=uuid.uuid4(), now=now) for _ in range(2)]
    sheet_jobs.go_on(made[0].pk, now=now)
    return {"checked": ClaimSheet.objects.get(pk=made[0].pk), "waiting": made[1]}


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
    version = make_version(engagement, now=now - timedelta(days=30), by=people["owner"])
    claims = {status: claim_of(user, location, engagement, status, now) for status in STATUSES}
    prove(claims[S.CONSENT_RECEIVED], StaffFactory(), now - timedelta(hours=1))
    unanswered = claim_of(user, location, engagement, S.CONSENT_RECEIVED, now)
    waits = {"by": user, "asked_at": now, "send_at": now + timedelta(hours=1)}
    QueuedSend.objects.create(claim=claims[S.CONSENT_RECEIVED], kind="partner_survey", **waits)
    colleagues = colleagues_of(people["admin"], location, now)
    # It ends, so that another can follow it.
    engagement.rate_cards.update(ends_on=date(2030, 12, 31), source="A letter")
    MarketList.objects.update(source="A letter")
    Engagement.objects.filter(pk=engagement.pk).update(name_source="A letter")
    engagement.refresh_from_db()
    texts = {"english": "Thanks.", "french": "Merci.", "japanese": "ありがとう。"}
    comment = CannedComment.objects.create(engagement=engagement, code="thanks", title="Thanks", **texts)
    subjects = {
        Link.Purpose.CONSENT: claims[S.AWAITING_CONSENT],
        Link.Purpose.CUSTOMER_SURVEY: unanswered,
        Link.Purpose.PARTNER_SURVEY: unanswered,
        Link.Purpose.INVITATION: colleagues["invited"],
        Link.Purpose.PASSWORD_RESET: colleagues["active"],
    }
    terms = TermsFactory()
    return Scene(
        now=now,
        location=location,
        invited=invited,
        engagement=engagement,
        people=people,
        at=claims,
        unanswered=unanswered,
        colleagues=colleagues,
        enrolments=enrolments_of_others(people["owner"], now),
        version=version,
        list_upload=uploads.receive(
            engagement,
            SimpleUploadedFile("customers.csv", LIST),
            mode=ListUpload.Mode.REPLACE,
            by=people[User.VendorRole.OWNER],
            now=now,
        ),
        draft=finished_draft(user, location, engagement, now),
        exports=exports_of(user, now),
        sheets=sheets_of(user, location, engagement, now),
        view=SavedView.objects.create(owner=user, name="Quokka view", query="", saved_at=now),
        terms=terms,
        catalogue={
            "payeeprofile": location.payee,
            "enrolment": location.enrolment,
            "programmeterms": terms,
            "message": refused_mail(),
            "ratecard": engagement.rate_cards.first(),
            "engagement": engagement,
            "marketlist": MarketList.objects.get(),
            "solutionarea": engagement.solution_area,
            "activitytype": engagement.activity_type,
            "cannedcomment": comment,
            "designation": Designation.objects.get(code="SP Security"),
            "attainment": Attainment.objects.get(),
            "group": Group.objects.create(name="Nobodys"),
        },
        upload=checked_file(people["owner"], now),
        links={
            purpose.value: Link.mint(purpose, subject.pk, address="someone@customer.example", now=now)
            for purpose, subject in subjects.items()
        },
    )
