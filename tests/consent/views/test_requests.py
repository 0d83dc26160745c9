"""The partner's wizard: Contact details, Deal information, Review and complete, Send for consent (CON-1, CON-2)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from claims import contacts
from claims.models import Claim, QueuedSend
from claims.states import Status
from incentives.models import Draft
from mail.models import Message, SendCap
from tests.factories import UserFactory, claim_at, give_role, make_claim

from ..conftest import ask, contacts_of

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)


@pytest.fixture
def claim(now):
    return make_claim(now=now)


@pytest.fixture
def partner(signed_in, claim) -> Client:
    return signed_in(claim.created_by)


def url(claim: Claim, step: str = "") -> str:
    return f"/claims/{claim.pk}/consent-request/{step}/" if step else f"/claims/{claim.pk}/consent-request/"


def words_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_four_steps_end_with_a_mail_to_the_customer(partner, claim):
    typed = contacts_of(claim) | {"customer_contact_title": "IT Systems Administrator"}
    assert partner.get(url(claim)).headers["Location"] == url(claim, "contacts")
    assert partner.post(url(claim, "contacts"), typed).headers["Location"] == url(claim, "deal")
    assert partner.post(url(claim, "deal"), {"deal_size_usd": "1000"}).headers["Location"] == url(
        claim, "review"
    )
    review = words_of(partner.get(url(claim, "review")))
    for shown in (
        "IT Systems Administrator",
        "$1,000.00",
        "Edit Contact details",
        "Edit Deal information",
        "Send for consent",
    ):
        assert shown in review

    sent = partner.post(url(claim, "review"), {"privacy": "on"}, follow=True)

    assert "Consent email successfully sent to customer" in words_of(sent)
    claim.refresh_from_db()
    assert (claim.status, claim.deal_size_usd) == (Status.AWAITING_CONSENT, 1000)
    assert claim.customer_contact_title == "IT Systems Administrator"
    assert Message.objects.get().kind == "consent_request"
    assert Draft.objects.get().finished_at is not None


def test_privacy_statement_must_be_confirmed(partner, claim):
    partner.post(url(claim, "deal"), {"deal_size_usd": "1000"})

    response = partner.post(url(claim, "review"), {})

    assert response.status_code == 422
    assert "Check the box if you agree." in words_of(response)
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "This field is required."),
        ("0", "at least 1 US dollar"),
        ("-5", "in digits only"),
        ("1,000", "in digits only"),
        ("10.50", "in digits only"),
        ("1e309", "in digits only"),
        ("NaN", "in digits only"),
        ("１００", "in digits only"),
        ("9" * 15, "at most 999999999999 US dollars"),
        ("9" * 5000, "at most 15 characters"),
        ("5\0", "Null characters"),
    ],
)
def test_deal_size_is_whole_us_dollars(partner, claim, typed, words):
    response = partner.post(url(claim, "deal"), {"deal_size_usd": typed})

    assert response.status_code == 422
    assert words in words_of(response)
    assert partner.get(url(claim, "review")).headers["Location"] == url(claim, "deal")


def test_foreign_address_needs_a_reason(partner, claim):
    typed = contacts_of(claim) | {"customer_contact_email": "susie@elsewhere.example"}

    refused = partner.post(url(claim, "contacts"), typed)
    accepted = partner.post(url(claim, "contacts"), typed | {"domain_mismatch_reason": "Parent company"})

    assert refused.status_code == 422
    assert "does not belong to the customer&#x27;s domain" in words_of(refused)
    assert accepted.headers["Location"] == url(claim, "deal")


def test_previous_keeps_what_was_typed(partner, claim):
    assert partner.post(url(claim, "deal"), {"deal_size_usd": "77", "previous": "1"}).headers[
        "Location"
    ] == url(claim, "contacts")
    assert 'value="77"' in words_of(partner.get(url(claim, "deal")))
    assert partner.post(url(claim, "review"), {"previous": "1"}).headers["Location"] == url(claim, "deal")


def test_end_goes_back_to_the_first_step_that_does_not_hold(partner, claim):
    partner.post(url(claim, "deal"), {"deal_size_usd": "77"})
    partner.post(url(claim, "contacts"), contacts_of(claim) | {"partner_contact_name": ""})

    response = partner.post(url(claim, "review"), {"privacy": "on"})

    assert response.status_code == 422
    assert "Customer consent | Contact details" in words_of(response)
    assert Message.objects.count() == 0


def test_draft_of_an_earlier_state_of_the_claim_does_not_come_back(partner, claim, now):
    partner.post(url(claim, "contacts"), contacts_of(claim) | {"customer_contact_name": "Typed Yesterday"})
    contacts.edit(claim, by=claim.created_by, now=now, customer_contact_name="Corrected Meanwhile")

    page = words_of(partner.get(url(claim, "contacts")))

    assert "Corrected Meanwhile" in page
    assert "Typed Yesterday" not in page


def test_sending_again_is_a_review_without_deal_and_privacy(partner, claim):
    ask(claim, now=datetime.now(UTC) - DAY)

    assert partner.get(url(claim)).headers["Location"] == url(claim, "review")
    page = words_of(partner.get(url(claim, "review")))
    assert "Edit Contact details" in page
    assert "Edit Deal information" not in page
    assert "Privacy statement" not in page
    assert partner.get(url(claim, "deal")).headers["Location"] == url(claim, "review")
    assert partner.post(url(claim, "review"), {}).headers["Location"] == url(claim, "sent")
    assert Message.objects.count() == 2
    steps = re.search(r'<ol class="steps".*?</ol>', words_of(partner.get(url(claim, "sent"))))[0]
    assert re.findall(r"<li[^>]*>.*?</li>", steps) == [
        f'<li class="done"><span class="visually-hidden">Done:</span> {step}</li>'
        for step in ("Contact details", "Review and complete", "Send for consent")
    ]


def test_sending_again_with_a_corrected_contact(partner, claim):
    ask(claim, now=datetime.now(UTC) - DAY)
    address = f"new.{claim.customer_contact_email}"

    assert partner.post(
        url(claim, "contacts"), contacts_of(claim) | {"customer_contact_email": address}
    ).headers["Location"] == url(claim, "review")
    partner.post(url(claim, "review"), {})

    assert Message.objects.latest("pk").to == address


@pytest.mark.parametrize(
    ("became", "says"),
    [
        ({"state": "sent"}, False),
        ({"state": "failed", "answer": "451 later"}, False),
        ({"state": "failed", "answer": "550 no such user"}, True),
        ({"state": "failed", "bounced_at": datetime.now(UTC)}, True),
    ],
)
def test_an_address_whose_mail_came_back_is_named_before_one_sends_again(partner, claim, became, says):
    ask(claim, now=datetime.now(UTC) - DAY)
    Message.objects.update(**became)

    review = words_of(partner.get(url(claim, "review")))
    changed = contacts_of(claim) | {"customer_contact_email": f"new.{claim.customer_contact_email}"}
    mended = words_of(partner.post(url(claim, "contacts"), changed, follow=True))

    assert (f"The last email about this claim to <bdi>{claim.customer_contact_email}</bdi>" in review) == says
    assert review.count(url(claim, "contacts")) == (4 if says else 2)
    assert "Mail to this address comes back" not in mended


def test_too_soon_says_when_the_next_is_possible(partner, claim):
    ask(claim, now=datetime.now(UTC) - DAY + timedelta(minutes=1))
    possible = SendCap.objects.get().open_from

    page, refused = partner.get(url(claim, "review")), partner.post(url(claim, "review"), {})

    assert (page.status_code, refused.status_code) == (200, 422)
    for response in (page, refused):
        assert f"The next one can be sent from {possible:%Y-%m-%d %H:%M:%S} UTC." in words_of(response)
        assert "disabled" in words_of(response)
    assert Message.objects.count() == 1


def test_second_press_of_the_button_sends_nothing_more(partner, claim):
    partner.post(url(claim, "deal"), {"deal_size_usd": "1000"})
    partner.post(url(claim, "review"), {"privacy": "on"})

    again = partner.post(url(claim, "review"), {"privacy": "on"})

    assert again.status_code == 422
    assert Message.objects.count() == 1


def test_nul_characters_are_refused_and_not_kept(partner, claim):
    response = partner.post(url(claim, "contacts"), contacts_of(claim) | {"customer_contact_name": "Sus\0ie"})

    assert response.status_code == 422
    assert "Null characters are not allowed" in words_of(response)


def test_stranger_finds_no_such_claim(signed_in, stranger, claim):
    other = signed_in(stranger)

    for address in (url(claim), url(claim, "contacts"), url(claim, "review"), url(claim, "sent")):
        assert other.get(address).status_code == 404
    assert other.post(url(claim, "review"), {"privacy": "on"}).status_code == 404
    assert Message.objects.count() == 0


@pytest.mark.parametrize("step", ["nowhere", "sent"])
def test_step_that_does_not_exist_is_not_found(partner, claim, step):
    assert partner.get(url(claim, step)).status_code == 404


def test_claim_that_moved_on_refuses(signed_in, now):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now)
    partner = signed_in(claim.created_by)

    assert partner.get(url(claim, "contacts")).status_code == 403
    assert partner.post(url(claim, "review"), {"privacy": "on"}).status_code == 403


def test_htmx_gets_the_panel_first_and_then_its_step_only(partner, claim):
    def ask_for(target: str) -> str:
        return words_of(
            partner.get(url(claim, "contacts"), headers={"HX-Request": "true", "HX-Target": target})
        )

    assert ask_for("panel").startswith('<dialog class="panel"')
    assert ask_for("wizard").startswith('<form class="panel__sheet" id="wizard"')
    assert words_of(partner.get(url(claim, "contacts"))).startswith("<!doctype html>")


# --- a request that is asked for too early ---


@pytest.fixture
def asked(claim) -> Claim:
    """The customer was written to an hour ago."""
    ask(claim, now=datetime.now(UTC) - timedelta(hours=1))
    return claim


def at(moment: datetime) -> str:
    return f"{moment:%b} {moment.day}, {moment:%Y, %H:%M:%S} UTC"


def test_too_soon_offers_to_send_it_then(partner, asked):
    possible = SendCap.objects.get().open_from

    page = words_of(partner.get(url(asked, "review")))
    queued = partner.post(url(asked, "review"), {"later": "1"}, follow=True)

    assert f"Send it then: {at(possible)}</button>" in page
    assert f"Consent email queued for {at(possible)}" in words_of(queued)
    assert QueuedSend.objects.get().by == asked.created_by
    assert Message.objects.count() == 1


def test_queueing_saves_the_contacts_that_were_typed_before(partner, asked):
    typed = contacts_of(asked) | {"customer_contact_name": "Corrected Name"}
    partner.post(url(asked, "contacts"), typed)

    partner.post(url(asked, "review"), {"later": "1"})

    assert Claim.objects.get(pk=asked.pk).customer_contact_name == "Corrected Name"
    assert Draft.objects.get().finished_at is not None


def test_review_of_a_queued_request_says_so_and_offers_to_save_other_contacts(partner, asked):
    partner.post(url(asked, "review"), {"later": "1"})
    sentence = (
        f"A consent email is queued for {at(QueuedSend.objects.get().send_at)}, asked by {asked.created_by}."
    )
    page = words_of(partner.get(url(asked, "review")))
    assert sentence in page
    assert "Send it then:" not in page

    partner.post(url(asked, "contacts"), contacts_of(asked) | {"customer_contact_name": "Corrected Name"})

    page = words_of(partner.get(url(asked, "review")))
    assert sentence in page
    assert "Send it then:" in page
    partner.post(url(asked, "review"), {"later": "1"})
    assert Claim.objects.get(pk=asked.pk).customer_contact_name == "Corrected Name"
    assert QueuedSend.objects.count() == 1


def test_button_pressed_once_it_may_leave_sends_it(partner, claim):
    ask(claim, now=datetime.now(UTC) - DAY)

    sent = partner.post(url(claim, "review"), {"later": "1"}, follow=True)

    assert "Consent email successfully sent to customer" in words_of(sent)
    assert (Message.objects.count(), QueuedSend.objects.count()) == (2, 0)


def test_deadline_before_the_instant_is_said_instead_of_offered(partner, asked):
    Claim.objects.filter(pk=asked.pk).update(expires_at=datetime.now(UTC) + timedelta(hours=2))

    page, refused = partner.get(url(asked, "review")), partner.post(url(asked, "review"), {"later": "1"})

    assert "Send it then" not in words_of(page)
    assert refused.status_code == 422
    for response in (page, refused):
        assert "so it cannot be queued." in words_of(response)
    assert QueuedSend.objects.count() == 0


def test_claim_page_tells_what_is_queued_and_takes_it_back(signed_in, partner, asked):
    partner.post(url(asked, "review"), {"later": "1"})
    sentence = (
        f"A consent email is queued for {at(QueuedSend.objects.get().send_at)}, asked by {asked.created_by}"
    )
    place = asked.location
    colleague = signed_in(give_role(UserFactory(partner=place.partner), place))
    page, address = (
        words_of(colleague.get(f"/claims/{asked.pk}/")),
        f"/claims/{asked.pk}/queued/consent_request/removal/",
    )
    assert sentence in page
    assert (
        f'action="{address}" data-hx-post="{address}"><input type="hidden" name="csrfmiddlewaretoken"' in page
    )

    back = colleague.post(address, follow=True)

    assert "Consent email taken back: it will not be sent" in words_of(back)
    assert sentence not in words_of(back)
    assert QueuedSend.objects.count() == 0
    again = colleague.post(address)
    assert (again.status_code, "no longer queued" in words_of(again)) == (422, True)


def test_take_back_gets_the_claim_alone_with_htmx(partner, asked):
    partner.post(url(asked, "review"), {"later": "1"})

    headers = {"HX-Request": "true", "HX-Target": "claim"}
    part = words_of(partner.post(f"/claims/{asked.pk}/queued/consent_request/removal/", headers=headers))

    assert part.startswith('<div class="stack" id="claim"')
    assert "A consent email is queued" not in part


@pytest.mark.parametrize("kind", ["claim_approved", "consent", "x"])
def test_mail_of_another_kind_cannot_be_taken_back(partner, asked, kind):
    assert partner.post(f"/claims/{asked.pk}/queued/{kind}/removal/").status_code == 404


def test_stranger_takes_nothing_back(signed_in, stranger, partner, asked):
    partner.post(url(asked, "review"), {"later": "1"})

    answer = signed_in(stranger).post(f"/claims/{asked.pk}/queued/consent_request/removal/")

    assert (answer.status_code, QueuedSend.objects.count()) == (404, 1)
