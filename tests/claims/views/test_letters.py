"""The claim's page tells what became of the mails that were sent, and how a failed one is mended (BEY-7)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from claims.states import Status as S
from mail.models import Message, SendCap
from surveys.invitations import send
from surveys.models import Audience
from tests.factories import claim_at
from tests.pages import words

pytestmark = pytest.mark.django_db
CUSTOMER, PARTNER = "consent_request", "partner_survey"


@pytest.fixture
def asked(now):
    return claim_at(S.AWAITING_CONSENT, now=now)


@pytest.fixture
def seen(signed_in):
    def get(claim):
        return signed_in(claim.created_by).get(reverse("claims:detail", args=[claim.pk]))

    return get


def became(claim, **facts) -> Message:
    Message.objects.filter(about=claim.pk).update(**facts)
    return Message.objects.filter(about=claim.pk).latest("pk")


def edit(claim, side) -> str:
    return f' href="{reverse("claims:contacts", args=[claim.pk, side])}'


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"state": "queued", "attempts": 0}, "Queued"),
        ({"state": "sending", "attempts": 1}, "Sending"),
        (
            {
                "state": "queued",
                "attempts": 1,
                "answer": "451 <later>",
                "next_attempt_at": "2096-03-04T05:06:07Z",
            },
            "Deferred next try Mar 4, 2096, 05:06:07 UTC The mail server's answer: 451 <later>",
        ),
        (
            {"state": "queued", "attempts": 1, "next_attempt_at": "2026-03-04T05:06:07Z"},
            "Deferred next try shortly",
        ),
        (
            {"state": "queued", "attempts": 0, "next_attempt_at": "2096-03-04T05:06:07Z"},
            "Queued leaves Mar 4, 2096, 05:06:07 UTC",
        ),
        ({"state": "sent", "sent_at": "2026-03-04T05:06:07Z"}, "Sent Mar 4, 2026, 05:06:07 UTC"),
        (
            {"state": "failed", "bounced_at": "2026-03-04T05:06:07Z", "answer": "550 no such <user>"},
            "Came back Mar 4, 2026, 05:06:07 UTC This email left and came back. Correct the address",
        ),
        (
            {"state": "failed", "answer": "550 no such <user>"},
            "Failed Nobody got this email. Correct the address",
        ),
    ],
    ids=lambda it: it["state"] if isinstance(it, dict) else "",
)
def test_it_tells_the_state_and_what_the_server_answered(asked, seen, facts, says):
    message = became(asked, **facts)

    page = seen(asked)

    assert f"Consent request to {message.to} : {says}" in words(page)
    assert ("Correct the address" in words(page)) == (facts["state"] == "failed")
    assert facts.get("answer", "") in words(page)


@pytest.mark.parametrize(
    "became_of_it",
    [{"bounced_at": "2026-03-04T05:06:07Z"}, {"answer": "451 later"}, {"to": "old@customer.example"}],
)
def test_what_can_be_sent_again_only_later_says_from_when(asked, seen, now, became_of_it):
    became(asked, state="failed", **became_of_it)
    SendCap.objects.update(open_from="2096-03-04T05:06:07Z")
    assert "Possible from Mar 4, 2096, 05:06:07 UTC." in words(seen(asked))

    SendCap.objects.update(open_from=now)
    assert "Possible from" not in words(seen(asked))


def test_once_the_address_was_changed_it_asks_to_send_again(asked, seen, now):
    became(asked, state="failed", answer="550 no such user", to="old@customer.example")

    page = words(seen(asked))

    assert "The contact has another address by now: send the email again." in page
    assert "Correct the address" not in page


def test_only_the_newest_mail_counts(asked, seen, now):
    old = became(asked, state="failed", answer="550 no such user")
    old.pk, old.message_id, old.created_at = None, "<2@x>", now + timedelta(days=1)
    old.state, old.answer = "sent", "250 accepted"
    old.save()

    assert "550" not in words(seen(asked))


def test_once_the_customer_has_answered_the_request_is_history(seen, now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    became(claim, state="failed", answer="550 no such user")

    assert "550" not in words(seen(claim))


@pytest.mark.parametrize(("audience", "side"), [("customer", "customer"), ("partner", "partner")])
def test_a_survey_that_failed_leads_to_the_contact_of_its_party(seen, now, audience, side):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    type(claim).objects.filter(pk=claim.pk).update(
        customer_survey_required=True, partner_survey_required=True
    )
    claim.refresh_from_db()
    send(claim, Audience(audience), by=claim.created_by, now=now)
    SendCap.objects.all().delete()
    became(claim, state="failed", answer="550 no such user")

    page = seen(claim)

    assert "Nobody got this email. Correct the address" in words(page)
    assert page.content.decode().count(edit(claim, side)) == 2


@pytest.mark.parametrize("side", ["customer", "partner"])
def test_whoever_corrects_an_address_begins_in_its_field(asked, seen, signed_in, side):
    became(asked, state="failed", answer="550 no such user")
    client, panel = signed_in(asked.created_by), reverse("claims:contacts", args=[asked.pk, side])

    assert edit(asked, "customer") + '?mend=address"' in seen(asked).content.decode()
    (field,) = re.findall(
        r"<input[^>]* autofocus[^>]*>", client.get(f"{panel}?mend=address").content.decode()
    )
    assert f'name="{side}_contact_email"' in field
    assert "autofocus" not in client.get(panel).content.decode()


def test_a_survey_that_is_answered_needs_no_mending(seen, now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    send(claim, Audience.CUSTOMER, by=claim.created_by, now=now)
    became(claim, state="failed", answer="550 no such user")
    type(claim).objects.filter(pk=claim.pk).update(customer_survey_done_at=now)

    assert "550" not in words(seen(claim))
