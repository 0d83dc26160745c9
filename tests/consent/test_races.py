"""Answers and requests at the same instant: one wins; and controls without the mechanism, which lose."""

import threading
from collections import Counter
from datetime import datetime
from functools import partial

import pytest

from claims import lifecycle
from claims.models import Claim, ClaimEvent
from claims.states import Status
from consent import answers
from consent.models import ConsentAnswer
from consent.requests import TooSoon
from mail.models import Link, Message, SendCap
from tests.browsers import Browser
from tests.factories import EngagementFactory, make_claim, make_customer
from tests.together import at_once, rounds, won

from .conftest import ask, open_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
YES = {"answer": "yes"}


@pytest.fixture
def claim(now):
    return make_claim(now=now)


@pytest.fixture
def rivals(now) -> list[Claim]:
    return two_rivals(now)


def two_rivals(now: datetime) -> list[Claim]:
    """Two partners' claims for one engagement and one customer, both waiting for the customer."""
    engagement, customer = EngagementFactory(), make_customer()
    return [make_claim(now=now, engagement=engagement, customer=customer) for _ in range(2)]


def visitors(links: list[Link]) -> list[partial]:
    """A browser for each link that has opened it and is about to press Submit."""
    clients = [Browser(raise_request_exception=False) for _ in links]
    addresses = [open_link(client, link) for client, link in zip(clients, links, strict=True)]
    return [partial(client.post, address, YES) for client, address in zip(clients, addresses, strict=True)]


def statuses_of(responses: list) -> Counter[int]:
    return Counter(getattr(response, "status_code", response) for response in responses)


def active_consents() -> int:
    return Claim.objects.filter(status=Status.CONSENT_RECEIVED).count()


def test_twenty_posts_of_one_link_record_one_answer(now):
    """Twenty rounds (R02)."""
    for _ in range(20):
        claim = make_claim(now=now)

        codes = statuses_of(at_once(*visitors([ask(claim, now=now)] * 20)))

        assert codes[302] == 1
        assert set(codes) <= {302, 409, 410}
        assert ConsentAnswer.objects.filter(claim=claim).count() == 1
        assert ClaimEvent.objects.filter(claim=claim, action="give_consent").count() == 1


def test_control_without_locks_and_spending_all_pass_the_gate_and_only_the_constraint_is_left(
    claim, now, monkeypatch
):
    posts = visitors([ask(claim, now=now)] * 6)
    together = threading.Barrier(6)
    passed = []

    def unlocked(claim, *, now, revision=None):
        claim.refresh_from_db()
        together.wait(timeout=20)
        passed.append(claim.status)

    monkeypatch.setattr(lifecycle, "lock_with_rivals", lambda claim: [])
    monkeypatch.setattr(lifecycle, "lock", unlocked)
    monkeypatch.setattr(Link, "spend", lambda link, now: True)

    codes = statuses_of(at_once(*posts))

    assert passed == [Status.AWAITING_CONSENT] * 6
    assert codes == {302: 1, 500: 5}


def test_control_look_then_save_lets_several_spend_one_link(claim, now):
    link = ask(claim, now=now)
    together = threading.Barrier(6)

    def look_then_save() -> bool:
        mine = Link.objects.get(pk=link.pk)
        alive = not mine.cause_of_death(now)
        together.wait(timeout=20)
        if alive:
            mine.used_at = now
            mine.save()
        return alive

    assert at_once(*[look_then_save] * 6).count(True) > 1


@pytest.mark.long
def test_rivals_answered_at_once_leave_one_consent_and_one_conflict(now):
    """Forty rounds, or two hundred; who loses is told so, before the lock (410) or behind it (409) (R01)."""
    for done in range(1, 1 + rounds(40, long=200)):
        pair = two_rivals(now)

        codes = statuses_of(at_once(*visitors([ask(claim, now=now) for claim in pair])))

        assert (codes[302], codes[409] + codes[410]) == (1, 1)
        assert active_consents() == done
        assert sorted(
            Claim.objects.filter(pk__in=[claim.pk for claim in pair]).values_list("status", flat=True)
        ) == [
            Status.CONSENT_RECEIVED,
            Status.REJECTED_FINAL,
        ]
        assert Link.objects.filter(used_at=None).count() == done


def test_control_without_the_lock_on_rivals_both_consents_pass(rivals, now, monkeypatch):
    links = [ask(claim, now=now) for claim in rivals]
    together = threading.Barrier(2)
    free = lifecycle.refuse_unless_consent_is_free

    def both_have_looked(claim):
        free(claim)
        together.wait(timeout=20)

    monkeypatch.setattr(lifecycle, "lock_with_rivals", lambda claim: [])
    monkeypatch.setattr(lifecycle, "refuse_unless_consent_is_free", both_have_looked)

    responses = at_once(*visitors(links))

    assert statuses_of(responses) == {302: 2}
    assert active_consents() == 2


def test_last_consent_of_an_engagement_goes_to_one_of_many(now):
    engagement = EngagementFactory(limit_consents=1)
    links = [ask(make_claim(now=now, engagement=engagement), now=now) for _ in range(6)]

    responses = at_once(*visitors(links))

    assert statuses_of(responses) == {302: 1, 409: 5}
    assert active_consents() == 1


def test_yes_and_no_of_the_same_customer_at_once_leave_one(claim, now):
    link = ask(claim, now=now)

    def answer(**typed):
        return answers.record(
            Claim.objects.get(pk=claim.pk), Link.objects.get(pk=link.pk), now=now, text_shown="?", **typed
        )

    results = at_once(*[partial(answer, **YES), partial(answer, answer="no", decline_reason="other")] * 5)

    assert len(won(results)) == 1
    assert all(isinstance(result, lifecycle.Refused) for result in results if result not in won(results))
    claim.refresh_from_db()
    assert (
        claim.status
        == {"yes": Status.CONSENT_RECEIVED, "no": Status.CONSENT_DECLINED}[ConsentAnswer.objects.get().answer]
    )


def test_twelve_clicks_on_send_write_one_mail(claim, now):
    results = at_once(*[lambda: ask(Claim.objects.get(pk=claim.pk), now=now)] * 12)

    assert len(won(results)) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {TooSoon}
    assert Message.objects.count() == 1
    assert Link.objects.filter(revoked_at=None).count() == 1


def test_control_without_the_cap_every_click_writes(claim, now, monkeypatch):
    monkeypatch.setattr(SendCap, "take", lambda *_, **__: True)

    at_once(*[lambda: ask(Claim.objects.get(pk=claim.pk), now=now)] * 6)

    assert Message.objects.count() == 6


def test_opening_a_link_in_many_browsers_at_once_uses_nothing_up(now):
    """Twenty rounds; a second Submit of the one who answered is told so (R03)."""
    for _ in range(20):
        claim = make_claim(now=now)
        link = ask(claim, now=now)
        submit = visitors([link])[0]

        responses = at_once(*[partial(open_link, Browser(), link) for _ in range(8)], submit)

        assert statuses_of(responses[-1:]) == {302: 1}
        assert ConsentAnswer.objects.filter(claim=claim).count() == 1
        assert submit().status_code == 410
