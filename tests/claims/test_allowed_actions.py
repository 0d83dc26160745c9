"""The table of allowed actions through HTTP, by effect: every cell, for every kind of person (ACT-1 to ACT-3)."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import ClientHandler

from claims import access
from claims.contacts import CUSTOMER_FIELDS, PARTNER_FIELDS
from claims.models import Claim, Comment, Document
from claims.states import Party
from claims.states import Status as S
from consent.models import ConsentAnswer
from incentives.management.walk import sheet
from incentives.models import User
from mail.models import Link, Message
from surveys.models import Answer, Questionnaire, Response
from tests.browsers import Browser
from tests.doors.knocking import content, undone
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    StaffFactory,
    UserFactory,
    claim_at,
    give_role,
)
from tests.surveys.conftest import filled, key_of

# One process of the test run makes the claims that all of these try.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("allowed actions")]
SAID = "Wombats answered this."
Attempt = Callable[[Client, Claim], bool]


@pytest.fixture(scope="module")
def claims(lasting) -> dict[S, Claim]:
    """A claim in each status in which nothing but the table stands against any action."""
    now, location, reviewer = datetime.now(UTC), LocationFactory(), StaffFactory()
    user = give_role(UserFactory(partner=location.partner), location)
    engagement = EngagementFactory(customer_survey=False, partner_survey=False)
    facts = {"now": now, "by": user, "location": location, "reviewer": reviewer, "engagement": engagement}
    claims = {status: claim_at(status, **facts) for status in S}
    for claim in claims.values():
        make_everything_possible(claim, now)
    return claims


def make_everything_possible(claim: Claim, now: datetime) -> None:
    """Surveys that were not asked for on the way and are still to be answered, an answer to read, a file to load."""
    open_surveys = {"customer_survey_required": True, "partner_survey_required": True}
    with pgtrigger.ignore("claims.Claim:a_claim_keeps_its_terms"):
        Claim.objects.filter(pk=claim.pk).update(**open_surveys)
    questionnaire = Questionnaire.objects.get(audience="partner", engagement=None)
    facts = {"claim": claim, "questionnaire": questionnaire, "audience": "partner", "at": now}
    response = Response.objects.create(full_name="Priya Kaur", company="FridayINC", title="Lead", **facts)
    Answer.objects.create(response=response, question=questionnaire.questions.get(kind="text"), value=SAID)
    if not claim.documents.exists():
        file = SimpleUploadedFile("report.pdf", sheet("A report"))
        kind = {"extension": "pdf", "content_type": "application/pdf", "size": file.size, "sha256": "0" * 64}
        by = {"uploaded_by": claim.created_by, "uploaded_at": now}
        slot = claim.slots.first()
        Document.objects.create(claim=claim, slot=slot, file=file, name="report.pdf", **kind, **by)


@pytest.fixture(scope="module")
def people(claims) -> dict[str, User]:
    """Everybody who has nothing to do with the claims' location, and everybody of the vendor."""
    elsewhere = LocationFactory()
    return {
        "stranger": give_role(UserFactory(partner=elsewhere.partner), elsewhere),
        "without a role": UserFactory(partner=claims[S.APPROVED].partner),
        **{role: StaffFactory(vendor_role=role) for role in User.VendorRole.values},
    }


HANDLER = ClientHandler(enforce_csrf_checks=False)


def browser(user: User | None = None) -> Client:
    client = Browser()
    client.handler = HANDLER
    if user:
        client.force_login(user)
    return client


# --- what a person does, and whether it worked ---


def view(client: Client, claim: Claim) -> bool:
    answer = client.get(f"/claims/{claim.pk}/")
    return answer.status_code == 200 and str(claim.pk) in answer.content.decode()


def comment(client: Client, claim: Claim, address: str = "/claims/{}/comments/") -> bool:
    said = Comment.objects.filter(claim=claim, text="Anything new?")
    client.post(address.format(claim.pk), {"text": "Anything new?", "form_key": uuid.uuid4()})
    return said.exists()


def edit_contacts(client: Client, claim: Claim) -> bool:
    for side, fields in (("customer", CUSTOMER_FIELDS), ("partner", PARTNER_FIELDS)):
        form = {name: getattr(claim, name) for name in fields} | {f"{side}_contact_name": "New Name"}
        client.post(f"/claims/{claim.pk}/contacts/{side}/", form)
    changed = Claim.objects.get(pk=claim.pk)
    return all_or_none(
        name == "New Name" for name in (changed.customer_contact_name, changed.partner_contact_name)
    )


def request_consent(client: Client, claim: Claim) -> bool:
    """Through the wizard, as far as it lets one: the deal size is asked for only before the first request."""
    before = letters(claim, "consent_request")
    contacts = {name: getattr(claim, name) for name in CUSTOMER_FIELDS + PARTNER_FIELDS}
    for step, form in (
        ("contacts", contacts),
        ("deal", {"deal_size_usd": "5000"}),
        ("review", {"privacy": "on"}),
    ):
        client.post(f"/claims/{claim.pk}/consent-request/{step}/", form)
    return letters(claim, "consent_request") > before


def send_surveys(client: Client, claim: Claim) -> bool:
    for audience in ("customer", "partner"):
        client.post(f"/claims/{claim.pk}/surveys/{audience}/")
    return all_or_none(letters(claim, f"{audience}_survey") for audience in ("customer", "partner"))


def answer_partner_survey(client: Client, claim: Claim) -> bool:
    before = Response.objects.filter(claim=claim).count()
    client.post(f"/claims/{claim.pk}/survey/", filled("partner"))
    return Response.objects.filter(claim=claim).count() > before


def change_files(client: Client, claim: Claim) -> bool:
    kept, slot = set(claim.documents.current()), claim.slots.first()
    file = SimpleUploadedFile("new.pdf", sheet("Something new"), "application/pdf")
    client.post(f"/claims/{claim.pk}/slots/{slot.pk}/documents/", {"files": file, "form_key": uuid.uuid4()})
    added = set(claim.documents.current()) - kept
    client.post(f"/claims/{claim.pk}/documents/removal/", {"documents": [document.pk for document in kept]})
    return all_or_none((added, not kept & set(claim.documents.current())))


def download_files(client: Client, claim: Claim, address: str = "/claims/{}/documents/{}/") -> bool:
    answer = client.get(address.format(claim.pk, claim.documents.first().pk))
    return answer.status_code == 200 and content(answer).startswith(b"%PDF")


def read_surveys(client: Client, claim: Claim) -> bool:
    """On any page of the claim that a partner can open: there is none that shows an answer (SUR-5)."""
    pages = [client.get(f"/claims/{claim.pk}/{page}") for page in ("", "history/", "survey/?resubmit=1")]
    return any(SAID in page.content.decode() for page in pages)


def answer_consent(client: Client, claim: Claim) -> bool:
    before = ConsentAnswer.objects.filter(claim=claim).count()
    for link in Link.objects.filter(subject_id=claim.pk):
        client.post(f"/consent/answer/{link.pk}/", {"answer": "yes"})
    return ConsentAnswer.objects.filter(claim=claim).count() > before


def answer_customer_survey(client: Client, claim: Claim) -> bool:
    for link in Link.objects.filter(subject_id=claim.pk):
        client.post(f"/survey/answer/{link.pk}/", filled("customer"))
    return Response.objects.filter(claim=claim, audience="customer").exists()


def all_or_none(parts) -> bool:
    worked = {bool(part) for part in parts}
    assert len(worked) == 1, "one half of the action worked, the other did not"
    return worked.pop()


def letters(claim: Claim, kind: str) -> int:
    return Message.objects.filter(about=claim.pk, kind=kind).count()


ATTEMPTS: dict[str, Attempt] = {
    attempt.__name__: attempt
    for attempt in (
        view,
        comment,
        edit_contacts,
        request_consent,
        send_surveys,
        answer_partner_survey,
        change_files,
        download_files,
        read_surveys,
        answer_consent,
        answer_customer_survey,
    )
}


# --- the addresses of the vendor and of customers ---


def view_at_the_desk(client: Client, claim: Claim) -> bool:
    return client.get(f"/desk/claims/claim/{claim.pk}/change/").status_code == 200


def read_surveys_at_the_desk(client: Client, claim: Claim) -> bool:
    return SAID in client.get(f"/desk/claims/claim/{claim.pk}/change/").content.decode()


AT_THE_DESK: dict[str, Attempt] = {
    "view": view_at_the_desk,
    "comment": lambda client, claim: comment(client, claim, "/desk/claims/claim/{}/comments/"),
    "download_files": lambda client, claim: download_files(
        client, claim, "/desk/claims/claim/{}/documents/{}/"
    ),
    "read_surveys": read_surveys_at_the_desk,
}


def by_link(purpose: str, address: str, attempt: Attempt) -> Attempt:
    """Open a new one-time link, then do what it is for."""

    def open_and_answer(client: Client, claim: Claim) -> bool:
        link = Link.mint(purpose, claim.pk, address=claim.customer_contact_email, now=datetime.now(UTC))
        client.get(f"/{address}/{key_of(link)}/")
        return attempt(client, claim)

    return open_and_answer


BY_LINK: dict[str, Attempt] = ATTEMPTS | {
    "answer_consent": by_link("consent", "consent", answer_consent),
    "answer_customer_survey": by_link("customer_survey", "survey/customer", answer_customer_survey),
}


def working(client: Client, claim: Claim, attempts: dict[str, Attempt]) -> set[str]:
    """The actions that worked; each is undone before the next."""
    done = set()
    for action, attempt in attempts.items():
        with undone():
            if attempt(client, Claim.objects.get(pk=claim.pk)):
                done.add(action)
    return done


def test_every_action_of_the_table_is_tried():
    assert set(ATTEMPTS) == set(access.ACTIONS)


@pytest.mark.parametrize("status", S)
def test_a_partner_can_do_what_the_table_says_and_nothing_else(claims, status):
    claim = claims[status]
    assert working(browser(claim.created_by), claim, ATTEMPTS) == access.allowed(status, Party.PARTNER)


@pytest.mark.parametrize("status", S)
def test_a_reviewer_can_do_what_the_table_says_and_nothing_else(claims, people, status):
    worked = working(browser(people["reviewer"]), claims[status], ATTEMPTS | AT_THE_DESK)
    assert worked == access.allowed(status, Party.VENDOR)


@pytest.mark.parametrize("status", S)
def test_a_customer_can_do_what_the_table_says_and_nothing_else(claims, status):
    assert working(browser(), claims[status], BY_LINK) == access.allowed(status, Party.CUSTOMER)


# What the rest of the vendor's staff may do of the vendor's column (ROLE-6).
RIGHTS = {
    "lead": {"view", "comment", "download_files", "read_surveys"},
    "auditor": {"view", "download_files", "read_surveys"},
    "support": {"view", "download_files"},
    "owner": set(),
}


@pytest.mark.parametrize("status", S)
def test_other_staff_can_do_what_their_role_says_of_it(claims, people, status):
    column = access.allowed(status, Party.VENDOR)
    worked = {role: working(browser(people[role]), claims[status], AT_THE_DESK) for role in RIGHTS}
    assert worked == {role: column & rights for role, rights in RIGHTS.items()}


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("who", ["nobody", "stranger", "without a role"])
def test_others_can_do_nothing_at_any_address(claims, people, who, status):
    everywhere = ATTEMPTS | {f"{action} at the desk": attempt for action, attempt in AT_THE_DESK.items()}
    assert working(browser(people.get(who)), claims[status], everywhere) == set()
