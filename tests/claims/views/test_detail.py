import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import conversation, documents
from claims.states import Party
from claims.states import Status as S
from incentives.management.walk import sheet
from mail.models import Link
from tests.factories import claim_at, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_as(signed_in):
    def get(claim, path="", **headers):
        return signed_in(claim.created_by).get(
            reverse("claims:detail", args=[claim.pk]) + path, headers=headers
        )

    return get


def fill(claim, rows, now):
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = partial(SimpleUploadedFile, content=sheet("Invoice"), content_type="application/pdf")
    for n in range(rows):
        say = partial(conversation.comment, claim, f"Comment {n}", party=Party.PARTNER)
        say(by=claim.created_by, now=now, form_key=uuid.uuid4())
    slot = claim.slots.first()
    documents.add(claim, slot, [file(f"{n}.pdf") for n in range(min(rows, 20))], by=claim.created_by, now=now)


@pytest.mark.parametrize(("path", "queries"), [("", 16), ("history/", 5)])
@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(now, signed_in, rows, path, queries):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    fill(claim, rows, now)
    client = signed_in(claim.created_by)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("claims:detail", args=[claim.pk]) + path).status_code == 200
    assert len(asked) == queries


@pytest.mark.parametrize("status", list(S))
def test_the_page_names_the_status_exactly(now, open_as, status):
    claim = claim_at(status, now=now)
    page = open_as(claim).content.decode()
    assert f'status--{status.value}">{status.label}</span>' in page


@pytest.mark.parametrize(
    ("status", "offers"),
    [
        (S.CUSTOMER_CLAIMED, {"Send email for customer consent", "Cancel claim"}),
        (S.AWAITING_CONSENT, {"Re-send customer consent email", "Cancel claim"}),
        (S.CONSENT_RECEIVED, {"Cancel claim", "Send Customer Survey", "Send Partner Survey", "Go to survey"}),
        (S.SUBMITTED, set()),
        (S.ACTION_REQUIRED, {"Submit claim", "Go to survey"}),
        (S.REJECTED, {"Dispute claim"}),
        (S.DISPUTED, {"Submit claim"}),
        (S.APPROVED, set()),
        (S.REJECTED_FINAL, set()),
    ],
)
def test_only_what_can_be_done_now_is_offered(now, open_as, status, offers):
    page = open_as(claim_at(status, now=now)).content.decode()
    every = {
        "Send email for customer consent",
        "Re-send customer consent email",
        "Cancel claim",
        "Submit claim",
        "Dispute claim",
        "Send Customer Survey",
        "Send Partner Survey",
        "Go to survey",
    }
    offered = {words for words in every if f">{words}</a>" in page or f'primary">{words}</button>' in page}
    offered |= {words for words in every if f'small">{words}</button>' in page}
    offered -= {words for words in offered if f'disabled aria-describedby="why-submit-top">{words}' in page}
    assert offered == offers


def test_the_reviewers_request_stays_in_sight_and_names_no_reviewer(now, open_as, reviewer):
    claim = claim_at(S.ACTION_REQUIRED, now=now, reviewer=reviewer)
    page = open_as(claim).content.decode()
    assert page.index("What the reviewer asks for") < page.index("Customer information")
    assert reviewer.full_name not in page
    assert "Microsoft" in page


def test_htmx_gets_the_claim_alone_from_the_same_template(now, open_as):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    part = open_as(claim, **{"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div class="stack" id="claim"')
    assert "<html" not in part


def test_a_refusal_keeps_its_status_and_says_why(now, signed_in):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    answer = signed_in(claim.created_by).post(reverse("claims:submission", args=[claim.pk]))
    assert answer.status_code == 422
    assert "still missing" in answer.content.decode()


def test_past_its_deadline_every_act_is_refused_and_the_claim_expires(now, signed_in):
    claim = claim_at(S.CUSTOMER_CLAIMED, now=now - timedelta(days=31))
    answer = signed_in(claim.created_by).post(reverse("claims:cancellation", args=[claim.pk]))
    assert answer.status_code == 409
    claim.refresh_from_db()
    assert claim.status == S.CONSENT_EXPIRED


def test_a_form_of_an_older_page_is_answered_with_changed_meanwhile(now, signed_in):
    claim = claim_at(S.AWAITING_CONSENT, now=now, customer=make_customer("domain"))
    typed = {
        "partner_contact_name": "New",
        "partner_contact_email": "new@partner.example",
        "revision": claim.revision - 1,
    }
    answer = signed_in(claim.created_by).post(reverse("claims:contacts", args=[claim.pk, "partner"]), typed)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    claim.refresh_from_db()
    assert claim.partner_contact_name != "New"


def test_the_page_of_a_decline_never_says_why(now, open_as):
    claim = claim_at(S.CONSENT_DECLINED, now=now)
    for path in ("", "history/"):
        page = open_as(claim, path).content.decode()
        assert "Customer consent declined" in page
        assert "wish to do the engagement" not in page


def test_a_link_key_stands_on_no_page(now, open_as):
    claim = claim_at(S.AWAITING_CONSENT, now=now)
    key = Link.objects.get(purpose="consent", subject_id=claim.pk).url.rstrip("/").rsplit("/", 1)[1]
    assert key not in open_as(claim).content.decode()
