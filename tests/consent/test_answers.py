from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from claims.lifecycle import ConsentUnavailable, DeadlinePassed, NotAllowed
from claims.models import Claim
from claims.states import Status
from consent.answers import AlreadyAnswered, record
from consent.models import ConsentAnswer
from mail.models import Link
from tests.factories import EngagementFactory, make_claim, make_customer

from .conftest import ask

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
NO = {
    "answer": "no",
    "decline_reason": "other",
    "decline_text": "We never met them",
    "text_shown": "Do you agree?",
}
YES = {"answer": "yes", "text_shown": "Do you agree?"}


@pytest.fixture
def claim(now):
    return make_claim(now=now)


def test_yes_moves_the_claim_spends_the_link_and_keeps_the_answer(claim, now):
    link = ask(claim, now=now)

    given = record(claim, link, now=now + DAY, **YES)

    claim.refresh_from_db()
    link.refresh_from_db()
    assert (claim.status, claim.consented_at, link.used_at) == (Status.CONSENT_RECEIVED, now + DAY, now + DAY)
    assert (given.answer, given.decline_reason, given.text_shown, given.text_version) == (
        "yes",
        "",
        "Do you agree?",
        "1",
    )


def test_no_closes_the_claim_and_keeps_the_reason(claim, now):
    link = ask(claim, now=now)

    given = record(claim, link, now=now, **NO)

    claim.refresh_from_db()
    assert claim.status == Status.CONSENT_DECLINED
    assert (given.decline_reason, given.decline_text) == ("other", "We never met them")


def test_second_answer_with_the_same_link_records_nothing(claim, now):
    link = ask(claim, now=now)
    record(claim, link, now=now, **NO)

    with pytest.raises(NotAllowed):
        record(claim, link, now=now, **YES)

    assert ConsentAnswer.objects.get().answer == "no"


def test_replaced_link_undoes_the_move(claim, now):
    old = ask(claim, now=now)
    ask(claim, now=now + DAY)

    with pytest.raises(AlreadyAnswered):
        record(claim, old, now=now + DAY, **YES)

    claim.refresh_from_db()
    assert (claim.status, claim.consented_at) == (Status.AWAITING_CONSENT, None)
    assert ConsentAnswer.objects.count() == 0


def test_answer_after_the_deadline_expires_the_claim(claim, now):
    link = ask(claim, now=now)

    with pytest.raises(DeadlinePassed):
        record(claim, link, now=now + 30 * DAY, **YES)

    claim.refresh_from_db()
    link.refresh_from_db()
    assert (claim.status, link.used_at) == (Status.CONSENT_EXPIRED, None)
    assert ConsentAnswer.objects.count() == 0


def test_answer_one_second_before_the_deadline_counts(claim, now):
    link = ask(claim, now=now)

    record(claim, link, now=now + 30 * DAY - timedelta(seconds=1), **YES)

    claim.refresh_from_db()
    assert claim.status == Status.CONSENT_RECEIVED


def test_rivals_are_turned_away_and_their_links_answer_nothing(now):
    engagement, customer = EngagementFactory(), make_customer()
    mine, rival, waiting = (make_claim(now=now, engagement=engagement, customer=customer) for _ in range(3))
    link, rivals_link = ask(mine, now=now), ask(rival, now=now)

    record(mine, link, now=now, **YES)
    with pytest.raises(ConsentUnavailable):
        record(rival, rivals_link, now=now, **YES)

    statuses = [Claim.objects.get(pk=c.pk).status for c in (mine, rival, waiting)]
    assert statuses == [Status.CONSENT_RECEIVED, Status.REJECTED_FINAL, Status.REJECTED_FINAL]
    assert Link.objects.get(pk=rivals_link.pk).used_at is None


def test_consent_limit_counts_again_at_the_answer(now):
    engagement = EngagementFactory(limit_consents=1)
    first, second = (make_claim(now=now, engagement=engagement) for _ in range(2))
    links = [ask(first, now=now), ask(second, now=now)]
    record(first, links[0], now=now, **YES)

    with pytest.raises(ConsentUnavailable):
        record(second, links[1], now=now, **YES)

    second.refresh_from_db()
    assert second.status == Status.AWAITING_CONSENT


def test_no_is_possible_where_a_yes_is_not(now):
    engagement = EngagementFactory(limit_consents=1)
    first, second = (make_claim(now=now, engagement=engagement) for _ in range(2))
    links = [ask(first, now=now), ask(second, now=now)]
    record(first, links[0], now=now, **YES)

    record(second, links[1], now=now, **NO)

    second.refresh_from_db()
    assert second.status == Status.CONSENT_DECLINED


@pytest.mark.parametrize("change", [lambda rows: rows.update(answer="yes"), lambda rows: rows.delete()])
def test_answer_cannot_be_changed_or_deleted(claim, now, change):
    record(claim, ask(claim, now=now), now=now, **NO)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        change(ConsentAnswer.objects.all())

    assert ConsentAnswer.objects.get().decline_text == "We never met them"


@pytest.mark.parametrize("answer", [{"answer": "no"}, {"answer": "yes", "decline_reason": "other"}])
def test_database_refuses_a_no_without_a_reason_and_a_yes_with_one(claim, now, answer):
    link = ask(claim, now=now)

    with pytest.raises(IntegrityError, match="a_no_has_a_reason"), transaction.atomic():
        record(claim, link, now=now, text_shown="?", **answer)
