"""The sweep of deadlines beside itself and beside the customer: each effect once, never both (DL-6, R09, F17)."""

from datetime import timedelta
from functools import partial

import pytest

from claims import expiry, lifecycle
from claims.models import Claim
from claims.models.claim import ClaimQuerySet
from claims.states import Status as S
from consent import answers
from mail.models import Link
from tests.breadth import rounds
from tests.factories import claim_at
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
SECOND = timedelta(seconds=1)
ROUNDS = rounds(10, long=500)
BOTH = {"expire", "give_consent"}


@pytest.fixture
def asked(now) -> Claim:
    return claim_at(S.AWAITING_CONSENT, now=now - timedelta(days=1))


def answer(claim: Claim, now) -> None:
    """The customer says yes by their link."""
    link = Link.objects.get(purpose=Link.Purpose.CONSENT, subject_id=claim.pk)
    facts = {"answer": "yes", "text_shown": "Do you agree?"}
    answers.record(Claim.objects.get(pk=claim.pk), link, now=now, **facts)


def came_of(claim: Claim) -> set[str]:
    return set(claim.events.values_list("action", flat=True)) & BOTH


def slowly(claim: Claim, due) -> ClaimQuerySet:
    """What is due, by a statement that has seen the claim long before it gets at it."""
    return Claim.objects.due(due).filter(pk=claim.pk).extra(where=["pg_sleep(0.5) IS NOT NULL"])


def test_several_beats_at_once_let_each_claim_expire_once(now):
    claims = [claim_at(S.AWAITING_CONSENT, now=now - timedelta(days=40)) for _ in range(6)]
    results = at_once(*[lambda: expiry.expire_due(now=now) for _ in range(4)])
    assert sum(results) == len(claims)
    assert [claim.events.filter(action="expire").count() for claim in claims] == [1] * 6


def test_control_without_the_lock_one_beat_trips_over_another(asked, monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "select_for_update", lambda self, **_: self)
    due = asked.expires_at
    sweeps = [partial(expiry.expire_batch, slowly(asked, due), now=due) for _ in range(4)]
    assert len(won(at_once(*sweeps))) == 1


@pytest.mark.long
def test_expiry_against_an_answer_in_the_same_second_leaves_one_of_both(now):
    for turn in range(ROUNDS):
        claim = claim_at(S.AWAITING_CONSENT, now=now - timedelta(days=1))
        due = claim.expires_at
        acts = [partial(expiry.expire_due, now=due), partial(answer, claim, due - SECOND)]
        at_once(*acts[:: (-1) ** turn])
        assert len(came_of(claim)) == 1


def test_an_answer_while_the_sweep_is_on_its_way_is_not_swept_away(asked):
    due = asked.expires_at
    swept, _answered = at_once(
        partial(expiry.expire_batch, slowly(asked, due), now=due), partial(answer, asked, due - SECOND)
    )
    assert swept == []
    assert came_of(asked) == {"give_consent"}


def test_control_without_the_lock_the_claim_has_a_yes_and_expires(asked, monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "select_for_update", lambda self, **_: self)
    due = asked.expires_at
    at_once(partial(expiry.expire_batch, slowly(asked, due), now=due), partial(answer, asked, due - SECOND))
    assert came_of(asked) == BOTH


def test_at_the_deadline_itself_the_answer_comes_too_late(asked):
    due = asked.expires_at
    results = at_once(partial(answer, asked, due), partial(expiry.expire_due, now=due))
    assert all(isinstance(r, lifecycle.Refused) for r in results if r not in won(results))
    assert came_of(asked) == {"expire"}
