"""The customer's door: what opens it, what does not, and what it never gives away (L01 to L12)."""

import logging
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from claims import lifecycle
from claims.models import Claim
from claims.states import Status
from consent.answers import record
from consent.models import ConsentAnswer
from incentives import throttle
from incentives.enrolment import discontinue
from mail.delivery import render
from mail.models import Link, Message
from tests.browsers import Browser
from tests.factories import EngagementFactory, StaffFactory, make_claim

from ..conftest import ask, key_of, open_link

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
SECRET = "They quoted 40% more than anybody else"
NO = {"answer": "no", "decline_reason": "other", "decline_text": SECRET}


@pytest.fixture
def claim(now):
    return make_claim(now=now)


@pytest.fixture
def link(claim, now):
    return ask(claim, now=now)


def status_of(claim: Claim) -> str:
    return Claim.objects.get(pk=claim.pk).status


def test_link_opens_a_form_at_an_address_without_the_key(visitor, claim, link):
    address = open_link(visitor, link)
    page = visitor.get(address)

    assert address == f"/consent/answer/{link.pk}/"
    question = "Do you give your consent to work with partner '{}' to complete '{}'?"
    assert question.format(claim.location.name, claim.engagement.name) in unescape(page.content.decode())
    assert key_of(link) not in page.content.decode() + str(page.headers)


def test_nothing_is_chosen_beforehand(visitor, link):
    page = visitor.get(open_link(visitor, link)).content.decode()

    assert len(re.findall(r'type="radio"', page)) == 6
    assert "checked" not in page


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch", "trace"])
def test_no_method_but_post_answers_anything(visitor, claim, link, method):
    address = open_link(visitor, link)

    for url in (reverse("door:consent", args=[key_of(link)]), address, f"{address}thanks/"):
        assert getattr(visitor, method)(url).status_code in {200, 302, 405}

    link.refresh_from_db()
    assert (link.used_at, status_of(claim)) == (None, Status.AWAITING_CONSENT)


def test_key_is_not_an_address_to_post_to(visitor, claim, link):
    response = visitor.post(reverse("door:consent", args=[key_of(link)]), {"answer": "yes"})

    assert (response.status_code, status_of(claim)) == (405, Status.AWAITING_CONSENT)


def test_pressing_submit_on_the_untouched_form_records_nothing(visitor, claim, link):
    address = open_link(visitor, link)

    response = visitor.post(address, {})

    assert (response.status_code, status_of(claim)) == (422, Status.AWAITING_CONSENT)
    assert "Choose Yes or No." in response.content.decode()
    assert visitor.get(address).status_code == 200


def test_yes_is_recorded_and_thanked_for_without_names(visitor, claim, link):
    response = visitor.post(open_link(visitor, link), {"answer": "yes"}, follow=True)

    assert response.redirect_chain == [(f"/consent/answer/{link.pk}/thanks/", 302)]
    assert "Thank you, your answer was recorded" in response.content.decode()
    assert_names_nobody(response, claim)
    assert status_of(claim) == Status.CONSENT_RECEIVED
    assert ConsentAnswer.objects.get().text_shown.startswith("Do you give your consent to work with partner")


def test_no_with_its_reason_is_recorded(visitor, claim, link):
    response = visitor.post(open_link(visitor, link), NO, follow=True)

    assert "You did not give your consent" in response.content.decode()
    given = ConsentAnswer.objects.get()
    assert (given.answer, given.decline_reason, given.decline_text) == ("no", "other", SECRET)
    assert status_of(claim) == Status.CONSENT_DECLINED


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"answer": "no"}, "choose the reason"),
        ({"answer": "no", "decline_reason": "other"}, "write the reason in a few words"),
        ({"answer": "no", "decline_reason": "other", "decline_text": "x" * 1001}, "at most 1000 characters"),
        (
            {"answer": "no", "decline_reason": "other", "decline_text": "a\0b"},
            "Null characters are not allowed",
        ),
        ({"answer": "no", "decline_reason": "none of these"}, "not one of the available choices"),
        ({"answer": "maybe"}, "not one of the available choices"),
        ({"answer": "yes\0"}, "not one of the available choices"),
        ({"answer": "\ud800".encode("utf-8", "surrogatepass")}, "not one of the available choices"),
        ({"answer": ["yes", ""]}, "Choose Yes or No."),
    ],
)
def test_bad_answer_is_explained_and_not_recorded(visitor, claim, link, typed, words):
    response = visitor.post(open_link(visitor, link), typed)

    assert (response.status_code, status_of(claim)) == (422, Status.AWAITING_CONSENT)
    assert words in response.content.decode()


def test_reason_of_a_yes_is_not_kept(visitor, link):
    visitor.post(open_link(visitor, link), NO | {"answer": "yes"})

    given = ConsentAnswer.objects.get()
    assert (given.answer, given.decline_reason, given.decline_text) == ("yes", "", "")


def test_second_submit_of_the_same_form_is_told_that_an_answer_is_there(visitor, claim, link):
    address = open_link(visitor, link)
    visitor.post(address, {"answer": "yes"})

    again = visitor.post(address, NO)

    assert again.status_code == 410
    assert "already been used" in again.content.decode()
    assert ConsentAnswer.objects.get().answer == "yes"


def test_going_back_after_the_answer_shows_no_names(visitor, claim, link):
    """Nothing is kept by the browser, so Back asks again (L08)."""
    address = open_link(visitor, link)
    visitor.post(address, {"answer": "yes"})

    back = visitor.get(address)

    assert back.status_code == 410
    assert_names_nobody(back, claim)


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda key: f"{key}&gt;",
        lambda key: f"{key}/).",
        lambda key: f" {key}",
        lambda key: f"{key}0a1b",
    ],
)
def test_key_that_a_mail_program_changed_is_repaired(visitor, link, change):
    response = visitor.get(f"/consent/{change(key_of(link))}/")

    assert response.headers["Location"] == f"/consent/answer/{link.pk}/"


def used(claim, link, now):
    record(claim, link, now=now, answer="yes", text_shown="?")


def cancelled(claim, link, now):
    lifecycle.cancel(claim, by=claim.created_by, now=now)


def replaced(claim, link, now):
    Link.revoke_all(Link.Purpose.CONSENT, claim.pk, now=now)


def expired(claim, link, now):
    Link.objects.filter(pk=link.pk).update(expires_at=now)


@pytest.mark.parametrize(
    ("end", "words", "hops"),
    [
        (used, "already been used", 0),
        (replaced, "This link was replaced", 0),
        (expired, "This link has expired", 0),
        (cancelled, "This request is closed", 1),
    ],
)
def test_dead_link_says_why_and_names_nobody(visitor, claim, link, now, end, words, hops):
    end(claim, link, now)

    response = visitor.get(f"/consent/{key_of(link)}/", follow=True)

    assert (response.status_code, len(response.redirect_chain)) == (410, hops)
    assert words in response.content.decode()
    assert_names_nobody(response, claim)


def work(key: str) -> list[str]:
    """What the database is asked for a link."""
    with CaptureQueriesContext(connection) as asked:
        assert Browser().get(f"/consent/{key}/").status_code in {404, 410}
    return [statement["sql"].partition("WHERE")[0] for statement in asked]


@pytest.mark.parametrize("end", [used, replaced, expired])
def test_a_dead_link_takes_the_same_work_as_one_that_never_was(claim, link, now, end):
    """So the time it takes tells nothing either (L09)."""
    end(claim, link, now)

    assert work(key_of(link)) == work("0" * 32)


def test_control_a_link_behind_which_the_claim_is_looked_up_takes_more(claim, link, now):
    cancelled(claim, link, now)

    with CaptureQueriesContext(connection) as asked:
        Browser().get(f"/consent/{key_of(link)}/", follow=True)

    assert len(asked) > len(work("0" * 32))


@pytest.mark.parametrize("end", [used, cancelled, replaced, expired])
def test_link_that_dies_while_its_form_is_open_records_nothing(visitor, claim, link, now, end):
    address = open_link(visitor, link)
    end(claim, link, now)
    kept, status = ConsentAnswer.objects.count(), status_of(claim)

    response = visitor.post(address, NO)

    assert response.status_code == 410
    assert (ConsentAnswer.objects.count(), status_of(claim)) == (kept, status)
    assert_names_nobody(response, claim)


def test_link_of_a_location_that_was_closed_goes_on(visitor, claim, link, now):
    """A location that is closed is discontinued, which ends what is new and not what is under way (L11)."""
    discontinue(
        claim.location, by=StaffFactory(vendor_role="owner"), reason="The location has closed.", now=now
    )

    address = open_link(visitor, link)
    response = visitor.post(address, {"answer": "yes"}, follow=True)

    assert "Thank you" in response.content.decode()
    assert (ConsentAnswer.objects.count(), status_of(claim)) == (1, Status.CONSENT_RECEIVED)


def test_deadline_that_passes_while_the_form_is_open_expires_the_claim(visitor, link, claim):
    address = open_link(visitor, link)
    # The customer opens the form in time and answers 30 days after the claim was made.
    Claim.objects.filter(pk=claim.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    response = visitor.post(address, {"answer": "yes"})

    assert response.status_code == 410
    assert ConsentAnswer.objects.count() == 0


def test_rivals_customer_gets_a_conflict_without_a_name(visitor, now):
    engagement = EngagementFactory(limit_consents=1)
    mine, other = (make_claim(now=now, engagement=engagement) for _ in range(2))
    link, others_link = ask(mine, now=now), ask(other, now=now)
    address = open_link(visitor, others_link)
    record(mine, link, now=now, answer="yes", text_shown="?")

    response = visitor.post(address, {"answer": "yes"})

    assert response.status_code == 409
    assert "could not be recorded" in response.content.decode()
    assert_names_nobody(response, mine, other)
    assert ConsentAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("0" * 32, "has the right length of 32 characters"),
        ("0" * 31, "has 31 characters of 32"),
        ("0" * 40, "has 40 characters instead of 32"),
        ("x", "has 1 character of 32"),
        ("a" * 3000, "has 3000 characters instead of 32"),
        ("%F0%9F%92%A9", "has 1 character of 32"),
        ("../../etc/passwd", "of 32"),
        ("%00" + "0" * 32, "could not be read"),
    ],
)
def test_unknown_key_is_answered_with_its_likely_cause(visitor, key, words):
    response = visitor.get(f"/consent/{key}/")

    assert response.status_code == (400 if "%00" in key else 404)
    assert words in response.content.decode()


def test_clean_address_opens_only_for_whoever_opened_the_link(visitor, link):
    address = open_link(visitor, link)

    for url in (address, f"{address}thanks/", "/consent/answer/99999999999999999999999/"):
        response = Browser().get(url)
        assert response.status_code == 404
        assert "open the link in your email again" in response.content.decode()


def test_consent_form_does_not_open_with_a_link_of_another_purpose(visitor, claim, now):
    survey = Link.mint(Link.Purpose.CUSTOMER_SURVEY, claim.pk, address="a@b.example", now=now)
    open_link(visitor, survey)

    assert visitor.get(f"/consent/answer/{survey.pk}/").status_code == 404
    assert visitor.get(f"/consent/{key_of(survey)}/").status_code == 404


def test_two_tabs_do_not_mix(visitor, claim, link, now):
    other = make_claim(now=now)
    first, second = open_link(visitor, link), open_link(visitor, ask(other, now=now))

    visitor.post(first, {"answer": "yes"})

    assert (status_of(claim), status_of(other)) == (Status.CONSENT_RECEIVED, Status.AWAITING_CONSENT)
    assert other.engagement.name in visitor.get(second).content.decode()


def test_signed_in_partner_stays_signed_in_and_a_customer_gains_no_rights(
    visitor, signed_in, partner_user, claim, link
):
    partner = signed_in(partner_user)
    address = open_link(partner, link)
    open_link(visitor, link)

    assert partner.get("/incentives/").status_code == 200
    page = partner.get(address).content.decode()
    assert partner_user.full_name not in page
    assert visitor.get("/incentives/").status_code == 302
    assert visitor.get(f"/claims/{claim.pk}/").status_code == 302


def test_reason_is_on_no_page_mail_or_export_of_the_partner(visitor, signed_in, claim, link, caplog):
    partner = signed_in(claim.created_by)
    with caplog.at_level(logging.DEBUG):
        visitor.post(open_link(visitor, link), NO)
        pages = [partner.get(url) for url in partner_pages(claim)]

    assert ConsentAnswer.objects.get().decline_text == SECRET
    assert {page.status_code for page in pages} <= {200, 403}
    assert claim.engagement.name in pages[0].content.decode()
    for page in pages:
        body = b"".join(page.streaming_content if page.streaming else [page.content]).decode()
        assert "40%" not in body and "40&#37;" not in body and "decline_reason" not in body
        assert "Other" not in re.sub(r"<[^>]*>", "", body)
    assert all(
        "40%" not in str(m.context) + m.subject + render(m).text + render(m).html
        for m in Message.objects.all()
    )
    assert "40%" not in caplog.text
    assert not any(
        "40%" in str(row)
        for row in rows_of("claims_claimevent", "claims_comment", "claims_claim", "django_session")
    )


def partner_pages(claim: Claim) -> list[str]:
    paths = (
        "",
        "history/",
        "contacts/customer/",
        "consent-request/",
        "consent-request/review/",
        "consent-request/sent/",
        "survey/",
    )
    return [f"/claims/{claim.pk}/{path}" for path in paths] + ["/claims/", "/incentives/"]


def rows_of(*tables: str) -> list[tuple]:
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')  # noqa: S608
            rows += cursor.fetchall()
        return rows


def test_every_page_of_the_door_is_kept_and_indexed_by_nobody(visitor, link):
    address = open_link(visitor, link)
    dead = visitor.get(f"/consent/{'0' * 32}/")
    key = visitor.get(f"/consent/{key_of(link)}/")
    wrong = visitor.post(address, {})

    for response in (visitor.get(address), visitor.head(address), dead, key, wrong, visitor.put(address)):
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', response.content.decode())


def test_behind_a_proxy_nobody_pays_for_the_wrong_keys_of_others(settings, link):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    guesser, other = (Browser(HTTP_X_FORWARDED_FOR=f"192.0.2.{n}") for n in (1, 2))

    answers = [guesser.get(f"/consent/{n:032x}/").status_code for n in range(throttle.WRONG_KEYS + 1)]

    assert answers[-1] == 429
    assert other.get(f"/consent/{'f' * 32}/").status_code == 404


def test_wrong_keys_are_slowed_down_by_address_and_right_ones_never(visitor, link):
    answers = [visitor.get(f"/consent/{n:032x}/").status_code for n in range(throttle.WRONG_KEYS + 1)]

    assert answers == [404] * throttle.WRONG_KEYS + [429]
    assert visitor.get(f"/consent/{'f' * 32}/").headers["Retry-After"] == "900"
    assert Browser(REMOTE_ADDR="192.0.2.7").get(f"/consent/{'f' * 32}/").status_code == 404
    for client in (visitor, Browser(REMOTE_ADDR="192.0.2.7")):
        assert client.get(f"/consent/{key_of(link)}/").status_code == 302
    cache.clear()
    assert visitor.get(f"/consent/{'f' * 32}/").status_code == 404


def test_post_without_the_forms_token_is_refused(link, claim):
    strict = Browser(enforce_csrf_checks=True)
    address = open_link(strict, link)

    assert strict.post(address, {"answer": "yes"}).status_code == 403
    assert status_of(claim) == Status.AWAITING_CONSENT


def test_keys_are_many_and_unlike_each_other(claim, now):
    keys = {
        key_of(Link.mint(Link.Purpose.CONSENT, number, address="a@b.example", now=now))
        for number in range(1000)
    }

    assert len(keys) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys)
    assert len({key[:8] for key in keys}) > 990


def test_key_stands_in_no_table_and_no_log_line(visitor, claim, link, caplog):
    key = key_of(link)
    with caplog.at_level(logging.DEBUG):
        open_link(visitor, link)
        assert key in render(Message.objects.get()).text
        replaced(claim, link, datetime.now(UTC))
        visitor.get(f"/consent/{key}/")

    tables = [table for table in connection.introspection.table_names() if not table.startswith("pg_")]
    assert not any(key in str(row) for row in rows_of(*tables))


def assert_names_nobody(response, *claims: Claim) -> None:
    page = response.content.decode()
    for claim in claims:
        for name in (
            claim.location.name,
            claim.customer.organization.name,
            claim.customer_contact_name,
            claim.customer_contact_email,
            claim.engagement.name,
        ):
            assert name not in page


def test_an_answer_is_kept_with_where_it_came_from(visitor, link):
    address = open_link(visitor, link)

    visitor.post(address, NO, headers={"User-Agent": "Browser/1\x00 " + "x" * 999}, REMOTE_ADDR="2001:db8::7")

    given = ConsentAnswer.objects.get()
    assert (given.place, given.browser, len(given.browser)) == ("2001:db8::7", "Browser/1 " + "x" * 290, 300)


@pytest.mark.parametrize("said", ["", "unknown", "1.2.3.4\x00"])
def test_an_answer_from_no_known_place_is_an_answer(visitor, link, said):
    visitor.post(open_link(visitor, link), {"answer": "yes"}, REMOTE_ADDR=said)

    assert ConsentAnswer.objects.get().place is None
