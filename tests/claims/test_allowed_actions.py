"""The table of allowed actions over HTTP: every action in every status, for every kind of person (ACT-1 to ACT-3)."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
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
PARTNER_ACTIONS = sorted(
    {action for action, status in access.CELLS if Party.PARTNER in access.CELLS[action, status]}
)
CUSTOMER_ACTIONS = ["answer_consent", "answer_customer_survey"]


def attempt(client: Client, claim: Claim, action: str):
    """Try one action of the table at the partner's own address for it."""
    slot, document = claim.slots.first(), claim.documents.first()
    upload = SimpleUploadedFile("invoice.pdf", sheet("Invoice"), "application/pdf")
    requests = {
        "view": lambda: client.get(reverse("claims:detail", args=[claim.pk])),
        "comment": lambda: client.post(
            reverse("claims:comments", args=[claim.pk]), {"text": "Hello", "form_key": uuid.uuid4()}
        ),
        "edit_contacts": lambda: client.post(
            reverse("claims:contacts", args=[claim.pk, "partner"]),
            {"partner_contact_name": "New Name", "partner_contact_email": "new@partner.example"},
        ),
        "request_consent": lambda: client.get(
            reverse("consent:request", args=[claim.pk, "review"]), follow=True
        ),
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


@pytest.mark.parametrize("action", PARTNER_ACTIONS)
def test_a_partner_may_do_what_the_table_says_and_nothing_else(claim, action, signed_in):
    may = Party.PARTNER in access.CELLS[action, S(claim.status)]
    answer = attempt(signed_in(claim.created_by), claim, action)
    no_document_yet = action == "download_files" and not claim.documents.exists()
    assert (
        answer.status_code
        == (404 if may and no_document_yet else 200 if answer.redirect_chain else answer.status_code)
        if (may and hasattr(answer, "redirect_chain"))
        else True
    )
    assert (answer.status_code != 403) == may
    assert answer.status_code < 500


@pytest.mark.parametrize("action", PARTNER_ACTIONS)
def test_nobody_else_learns_that_the_claim_exists(claim, action, signed_in, stranger):
    without_role = UserFactory(partner=claim.partner)
    colleague_of_the_vendor = StaffFactory()
    for person in (stranger, without_role, colleague_of_the_vendor):
        answer = attempt(signed_in(person), claim, action)
        missing = Client()
        missing.force_login(person)
        nowhere = missing.get(reverse("claims:detail", args=[9_999_999]))
        assert answer.status_code == 404
        assert answer.content == nowhere.content
    events = claim.events.count()
    assert Claim.objects.get(pk=claim.pk).revision == claim.revision
    assert claim.events.count() == events


@pytest.mark.parametrize("action", PARTNER_ACTIONS)
def test_somebody_without_sign_in_is_asked_to_sign_in(claim, action):
    answer = attempt(Client(), claim, action)
    first = answer.redirect_chain[0][0] if getattr(answer, "redirect_chain", None) else answer["Location"]
    assert first.startswith(reverse("incentives:sign_in"))


DOORS = {
    "answer_consent": (Link.Purpose.CONSENT, {"answer": "yes"}),
    "answer_customer_survey": (Link.Purpose.CUSTOMER_SURVEY, {}),
}


@pytest.mark.parametrize("action", CUSTOMER_ACTIONS)
def test_a_customer_may_answer_only_when_the_table_says_so(claim, action, now):
    may = Party.CUSTOMER in access.CELLS[action, S(claim.status)]
    purpose, _ = DOORS[action]
    link = Link.mint(purpose, claim.pk, address=claim.customer_contact_email, now=now)
    form = Client().get(link.url, follow=True)
    assert (form.status_code == 200) == may
    assert form.status_code in {200, 409, 410}
