"""Answers and requests at the same instant: one wins; and controls without the mechanism, which lose."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest

from claims import lifecycle, queued_sends
from claims.creation import Contacts
from claims.models import Claim, ClaimEvent, QueuedSend
from claims.states import Status
from consent import answers
from consent.models import ConsentAnswer
from consent.requests import KIND, TooSoon, release_queued, request, request_when_possible
from mail.models import Link, Message, SendCap
from tests.breadth import rounds
from tests.browsers import Browser
from tests.factories import EngagementFactory, UserFactory, give_role, make_claim, make_customer
from tests.together import at_once, won

from .conftest import ask, contacts_of, open_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
YES = {"answer": "yes"}
DAY = timedelta(hours=24)


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


@pytest.mark.long
def test_twenty_posts_of_one_link_record_one_answer(now):
    """Five rounds, or twenty (R02)."""
    for _ in range(rounds(5, long=20)):
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
    """Twenty rounds, or two hundred; who loses is told so, before the lock (410) or behind it (409) (R01)."""
    for done in range(1, 1 + rounds(20, long=200)):
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


def queued(now: datetime) -> Claim:
    """A claim with a request that was queued and may leave now."""
    claim = make_claim(now=now - DAY)
    ask(claim, now=now - DAY)
    claim.refresh_from_db()
    typed = Contacts(**contacts_of(claim))
    request_when_possible(claim, by=claim.created_by, now=now - DAY / 2, typed=typed)
    return claim


def by_hand(claim: Claim, now: datetime) -> partial:
    """A colleague presses Send for consent: one person's own deeds wait for each other anyway."""
    colleague = give_role(UserFactory(partner=claim.partner), claim.location)
    typed, mine = Contacts(**contacts_of(claim)), Claim.objects.get(pk=claim.pk)
    return partial(request, mine, by=colleague, now=now, typed=typed)


def letters_to_the_customer(claim: Claim) -> int:
    """Those after the first."""
    return Message.objects.filter(about=claim.pk, kind=KIND).count() - 1


@pytest.mark.parametrize("capped", [True, False])
def test_twenty_releases_at_once_send_one_mail(now, capped, monkeypatch):
    """Five rounds; the row alone is enough, even without the cap behind it."""
    for _ in range(5):
        claim = queued(now)

        with monkeypatch.context() as patch:
            if not capped:
                patch.setattr(SendCap, "take", lambda *_, **__: True)
            results = at_once(*[partial(release_queued, now=now)] * 20)

        assert sum(results) == 1
        assert letters_to_the_customer(claim) == 1
        assert not claim.events.filter(action="give_up_send").exists()
        assert Link.objects.filter(subject_id=claim.pk, revoked_at=None).count() == 1


def test_control_a_row_that_is_only_looked_at_is_sent_by_every_beat(now, monkeypatch):
    claim = queued(now)
    monkeypatch.setattr(SendCap, "take", lambda *_, **__: True)
    monkeypatch.setattr(queued_sends, "drop", lambda claim, kind: True)
    monkeypatch.setattr(queued_sends, "taken", lambda pk: QueuedSend.objects.filter(pk=pk).exists())

    at_once(*[partial(release_queued, now=now)] * 6)

    assert letters_to_the_customer(claim) == 6


def test_release_and_a_request_by_hand_at_once_send_one_mail(now):
    """Twenty rounds; who comes second sends nothing, and no line tells of a mail that was given up."""
    for _ in range(20):
        claim = queued(now)

        sent, mine = at_once(partial(release_queued, now=now), by_hand(claim, now))

        assert (sent, type(mine)) in {(1, TooSoon), (0, Claim)}
        assert letters_to_the_customer(claim) == 1
        assert not claim.events.filter(action="give_up_send").exists()


def test_control_without_cap_and_without_dropping_the_row_both_send(now, monkeypatch):
    claim = queued(now)
    monkeypatch.setattr(SendCap, "take", lambda *_, **__: True)
    monkeypatch.setattr(queued_sends, "drop", lambda claim, kind: True)

    at_once(partial(release_queued, now=now), by_hand(claim, now))

    assert letters_to_the_customer(claim) == 2


def test_release_and_take_back_at_once_leave_one_of_both(now):
    for _ in range(20):
        claim = queued(now)
        mine = Claim.objects.get(pk=claim.pk)
        back = partial(queued_sends.take_back, mine, KIND, by=claim.created_by, now=now)

        sent, taken_back = at_once(partial(release_queued, now=now), back)

        assert (sent, isinstance(taken_back, lifecycle.Refused)) in {(1, True), (0, False)}
        assert letters_to_the_customer(claim) == sent


def test_release_and_the_customers_answer_at_once_write_to_nobody_who_has_answered(now):
    """Ten rounds: the mail left before the answer, or the history says why it did not."""
    for _ in range(10):
        claim = queued(now)
        mine = Claim.objects.get(pk=claim.pk)

        sent, _yes = at_once(partial(release_queued, now=now), partial(lifecycle.give_consent, mine, now=now))

        assert letters_to_the_customer(claim) == sent
        assert claim.events.filter(action="give_up_send").count() == 1 - sent
        assert claim.events.filter(action="give_consent").count() == 1


def test_queueing_by_twelve_at_once_is_one_row(now):
    claim = make_claim(now=now)
    ask(claim, now=now)
    claim.refresh_from_db()
    typed = Contacts(**contacts_of(claim))
    people = [give_role(UserFactory(partner=claim.partner), claim.location) for _ in range(12)]

    results = at_once(
        *[
            partial(request_when_possible, Claim.objects.get(pk=claim.pk), by=by, now=now, typed=typed)
            for by in people
        ]
    )

    assert len(won(results)) == 12
    assert QueuedSend.objects.count() == 1


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
