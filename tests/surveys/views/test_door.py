"""The doors of the surveys: customer and partner, by link and without an account (SUR-2 to SUR-5)."""

from datetime import timedelta

import pytest

from claims import lifecycle
from claims.models import Claim
from claims.states import Status
from claims.surveys import completed
from surveys.models import Question, Questionnaire, Response
from tests.browsers import Browser
from tests.factories import claim_at

from ..conftest import default, field, filled, key_of, open_link, sent

pytestmark = pytest.mark.django_db
AGAIN = "This survey has already been submitted. Would you like to resubmit the survey?"
NOT_FOUND = "An error occurred, could not find survey. Please contact support."


@pytest.mark.parametrize("audience", ["customer", "partner"])
def test_survey_is_answered_by_link_without_signing_in(visitor, consented, now, audience):
    link = sent(consented, audience, now=now)
    address = open_link(visitor, link)
    page = visitor.get(address).content.decode()

    response = visitor.post(address, filled(audience), follow=True)

    assert consented.engagement.name in page
    assert key_of(link) not in page
    assert "Thank you, the survey is complete" in response.content.decode()
    assert consented.engagement.name not in response.content.decode()
    assert Response.objects.get().link == link
    assert getattr(Claim.objects.get(pk=consented.pk), f"{audience}_survey_done_at") is not None


def test_customers_link_works_once(visitor, consented, now):
    address = open_link(visitor, link := sent(consented, "customer", now=now))
    visitor.post(address, filled("customer"))

    again = [
        visitor.get(address),
        visitor.post(address, filled("customer")),
        visitor.get(f"/survey/customer/{key_of(link)}/"),
    ]

    assert [response.status_code for response in again] == [410] * 3
    assert all("already been used" in response.content.decode() for response in again)
    assert Response.objects.count() == 1


def test_partners_link_asks_before_the_survey_is_answered_again(visitor, consented, now):
    address = open_link(visitor, sent(consented, "partner", now=now))
    visitor.post(address, filled("partner", **{field("partner", "text"): "A secret"}))

    asked = visitor.get(address)
    anew = visitor.get(f"{address}?resubmit=yes")
    visitor.post(address, filled("partner"))

    assert AGAIN in asked.content.decode()
    assert "Electronic signature" in anew.content.decode()
    assert "A secret" not in asked.content.decode() + anew.content.decode()
    assert visitor.get(f"{address}thanks/").status_code == 200
    assert Response.objects.count() == 2


def test_partners_link_is_closed_once_the_claim_is_submitted(visitor, now):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now)
    link = sent(claim, "partner", now=now)
    address = open_link(visitor, link)
    lifecycle.cancel(claim, by=claim.created_by, now=now)

    for response in (visitor.get(address), visitor.post(address, filled("partner"))):
        assert response.status_code == 410
        assert "This request is closed" in response.content.decode()
        assert claim.location.name not in response.content.decode()
    assert Response.objects.count() == 0


def test_customer_survey_ticked_off_otherwise_is_not_answered_again(visitor, consented, now):
    link = sent(consented, "customer", now=now)
    address = open_link(visitor, link)
    completed(consented, "customer", now=now)

    assert visitor.get(address).status_code == 410


@pytest.mark.parametrize("audience", ["customer", "partner"])
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("0" * 32, "has the right length of 32 characters"),
        ("0" * 20, "has 20 characters of 32"),
        ("0" * 36, "has 36 characters instead of 32"),
        ("%F0%9F%92%A9/x", "of 32"),
    ],
)
def test_bad_key_names_its_likely_cause(visitor, audience, key, words):
    response = visitor.get(f"/survey/{audience}/{key}/")

    assert response.status_code == 404
    assert NOT_FOUND in response.content.decode()
    assert words in response.content.decode()


@pytest.mark.parametrize("audience", ["customer", "partner"])
def test_older_link_says_that_a_newer_one_was_sent(visitor, consented, now, audience):
    old = sent(consented, audience, now=now - timedelta(hours=24))
    sent(consented, audience, now=now)

    response = visitor.get(f"/survey/{audience}/{key_of(old)}/")

    assert response.status_code == 410
    assert NOT_FOUND in response.content.decode()
    assert "A newer email was sent" in response.content.decode()


def test_trailing_junk_is_repaired_and_the_wrong_audience_is_not(visitor, consented, now):
    link = sent(consented, "customer", now=now)

    assert visitor.get(f"/survey/customer/{key_of(link)}/&gt;)/").status_code == 302
    assert visitor.get(f"/survey/partner/{key_of(link)}/").status_code == 404


def test_clean_address_opens_only_for_whoever_opened_the_link(visitor, consented, now):
    address = open_link(visitor, sent(consented, "customer", now=now))

    for url in (address, f"{address}thanks/"):
        assert Browser().get(url).status_code == 404
    assert Browser().post(address, filled("customer")).status_code == 404


@pytest.mark.parametrize("typed", [{}, {"full_name": "a\0b"}, {"title": "x" * 151}])
def test_bad_sheet_is_marked_and_not_recorded(visitor, consented, now, typed):
    address = open_link(visitor, sent(consented, "customer", now=now))

    response = visitor.post(address, typed and filled("customer", **typed))

    assert response.status_code == 422
    assert Response.objects.count() == 0


def test_response_keeps_the_version_of_the_questions_it_was_given_to(visitor, consented, now):
    address = open_link(visitor, sent(consented, "customer", now=now))
    old, sheet = default("customer"), filled("customer")
    Questionnaire.objects.filter(pk=old.pk).update(is_current=False)
    new = Questionnaire.objects.create(audience="customer", version=2)
    Question.objects.create(questionnaire=new, position=1, kind="text", text="Anything else?")

    assert "Anything else?" in visitor.get(address).content.decode()
    assert visitor.post(address, sheet | {"questionnaire": old.pk}).status_code == 302
    assert Response.objects.get().questionnaire == old


@pytest.mark.parametrize("named", ["0", "999999999", "9" * 30, "x", "-1", "²", "\0"])
def test_questionnaire_that_is_not_of_this_claim_is_ignored(visitor, consented, now, named):
    address = open_link(visitor, sent(consented, "customer", now=now))

    visitor.post(address, filled("customer") | {"questionnaire": named})

    assert Response.objects.get().questionnaire == default("customer")


def test_every_page_is_kept_and_indexed_by_nobody(visitor, consented, now):
    address = open_link(visitor, sent(consented, "customer", now=now))

    for response in (
        visitor.get(address),
        visitor.get(f"/survey/customer/{'0' * 32}/"),
        visitor.post(address, {}),
    ):
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]
