"""The table of allowed actions over HTTP: every cell, for every kind of person (ACT-1 to ACT-3)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from claims import access
from claims.models import Claim
from claims.states import Party
from claims.states import Status as S
from incentives.management.walk import sheet
from mail.models import Link
from tests.factories import StaffFactory, UserFactory, claim_at

pytestmark = pytest.mark.django_db


def actions_of(party: Party) -> list[str]:
    return sorted({action for action, status in access.CELLS if party in access.CELLS[action, status]})


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has never happened afterwards, so one walked claim serves every attempt."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def attempt(client: Client, claim: Claim, action: str):
    """Try one action of the table at the partner's own address for it."""
    slot, document = claim.slots.first(), claim.documents.first()
    upload = SimpleUploadedFile("invoice.pdf", sheet("Invoice"), "application/pdf")
    new_contact = {"partner_contact_name": "New Name", "partner_contact_email": "new@partner.example"}
    requests = {
        "view": lambda: client.get(reverse("claims:detail", args=[claim.pk])),
        "comment": lambda: client.post(
            reverse("claims:comments", args=[claim.pk]), {"text": "Hello", "form_key": uuid.uuid4()}
        ),
        "edit_contacts": lambda: client.post(
            reverse("claims:contacts", args=[claim.pk, "partner"]), new_contact
        ),
        "request_consent": lambda: client.get(reverse("consent:start", args=[claim.pk])),
        "send_surveys": lambda: client.post(reverse("surveys:send", args=[claim.pk, "partner"])),
        "answer_partner_survey": lambda: client.get(reverse("surveys:answer", args=[claim.pk])),
        "change_files": lambda: client.post(
            reverse("claims:upload", args=[claim.pk, slot.pk]), {"files": upload, "form_key": uuid.uuid4()}
        ),
        "download_files": lambda: client.get(
            reverse("claims:document", args=[claim.pk, document.pk if document else 1])
        ),
    }
    return requests[action]()


@pytest.fixture(params=list(S), ids=lambda status: status.value)
def claim(request, now):
    return claim_at(request.param, now=now)


def test_a_partner_may_do_what_the_table_says_and_nothing_else(claim, signed_in):
    client = signed_in(claim.created_by)
    outcome = {}
    for action in actions_of(Party.PARTNER):
        with undone():
            outcome[action] = attempt(client, claim, action).status_code != 403
    assert outcome == {action: Party.PARTNER in access.CELLS[action, S(claim.status)] for action in outcome}


def test_nobody_else_learns_that_the_claim_exists(claim, signed_in, stranger):
    without_role, staff = UserFactory(partner=claim.partner), StaffFactory()
    before = (claim.revision, claim.events.count(), claim.comments.count(), claim.documents.count())
    for person in (stranger, without_role, staff):
        client = signed_in(person)
        nowhere = client.get(reverse("claims:detail", args=[9_999_999]))
        for action in actions_of(Party.PARTNER):
            answer = attempt(client, claim, action)
            assert (answer.status_code, answer.content) == (404, nowhere.content)
    claim.refresh_from_db()
    assert before == (claim.revision, claim.events.count(), claim.comments.count(), claim.documents.count())


def test_somebody_without_sign_in_is_asked_to_sign_in(claim):
    for action in actions_of(Party.PARTNER):
        assert attempt(Client(), claim, action)["Location"].startswith(reverse("incentives:sign_in"))


PURPOSES = {"answer_consent": Link.Purpose.CONSENT, "answer_customer_survey": Link.Purpose.CUSTOMER_SURVEY}


def test_a_customer_may_answer_only_what_the_table_says(claim, now):
    Claim.objects.filter(pk=claim.pk).update(customer_survey_done_at=None)
    outcome = {}
    for action in actions_of(Party.CUSTOMER):
        link = Link.mint(PURPOSES[action], claim.pk, address=claim.customer_contact_email, now=now)
        outcome[action] = Client().get(link.url, follow=True).status_code == 200
    assert outcome == {action: Party.CUSTOMER in access.CELLS[action, S(claim.status)] for action in outcome}


def test_the_vendors_reviewer_may_do_what_the_table_says(claim, signed_in):
    client, document = signed_in(StaffFactory()), claim.documents.first()
    desk = reverse("admin:claims_claim_change", args=[claim.pk])
    page = client.get(desk)
    status = S(claim.status)
    assert (page.status_code == 200) == (Party.VENDOR in access.CELLS["view", status])
    with undone():
        client.post(
            f"{desk.removesuffix('change/')}comments/", {"text": "From the desk", "form_key": uuid.uuid4()}
        )
        assert claim.comments.filter(text="From the desk").exists()
    if document:
        file = client.get(reverse("admin:claims_claim_document", args=[claim.pk, document.pk]))
        assert (file.status_code == 200) == (Party.VENDOR in access.CELLS["download_files", status])
    answered = claim.partner_survey_done_at is not None
    shown = "Nothing comes to mind." in page.content.decode()
    assert shown == (answered and Party.VENDOR in access.CELLS["read_surveys", status])
