"""A survey that is sent again too early waits for the first instant at which it may leave (SUR-2, SUR-3)."""

from datetime import timedelta

import pytest

from claims import lifecycle, queued_sends
from claims.lifecycle import Refused
from claims.models import Claim, QueuedSend
from claims.states import Status
from claims.surveys import completed
from mail.models import SendCap
from surveys.invitations import release_queued, send_when_possible
from surveys.models import Audience
from tests.factories import EngagementFactory, claim_at

from .conftest import mails, sent
from .test_invitations import DAY, SECOND

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def queue(claim: Claim, audience: Audience, *, now) -> QueuedSend | None:
    return send_when_possible(claim, audience, by=claim.created_by, now=now)


@pytest.mark.parametrize("audience", Audience)
def test_survey_that_is_sent_again_too_soon_leaves_at_the_first_instant(consented, now, audience):
    first = sent(consented, audience, now=now)

    queued = queue(consented, audience, now=now + HOUR)

    assert (queued.kind, queued.send_at) == (audience.purpose, now + DAY)
    assert [release_queued(now=now + DAY - SECOND), mails().count()] == [0, 1]
    assert [release_queued(now=now + DAY), mails().count()] == [1, 2]
    first.refresh_from_db()
    assert first.cause_of_death(now + DAY) == "replaced"
    consented.refresh_from_db()
    assert getattr(consented, f"{audience}_survey_sent_at") == now + DAY
    assert consented.events.first().action == f"send_{audience}_survey"


def test_each_survey_waits_by_itself_and_one_is_taken_back(consented, now):
    for audience in Audience:
        sent(consented, audience, now=now)
        queue(consented, audience, now=now + HOUR)

    queued_sends.take_back(consented, "customer_survey", by=consented.created_by, now=now + HOUR)

    assert release_queued(now=now + DAY) == 1
    assert mails().latest("pk").kind == "partner_survey"


def test_survey_that_can_leave_now_is_sent(consented, now):
    assert queue(consented, Audience.CUSTOMER, now=now) is None

    assert (mails().count(), QueuedSend.objects.count()) == (1, 0)


def test_survey_sent_by_hand_meanwhile_takes_the_queued_one_with_it(consented, now):
    sent(consented, "customer", now=now)
    queue(consented, Audience.CUSTOMER, now=now + HOUR)

    sent(consented, "customer", now=now + DAY)

    assert (QueuedSend.objects.count(), release_queued(now=now + DAY), mails().count()) == (0, 0, 2)


def test_survey_that_was_answered_meanwhile_is_not_sent(consented, now):
    sent(consented, "customer", now=now)
    queue(consented, Audience.CUSTOMER, now=now + HOUR)
    completed(consented, "customer", now=now + 2 * HOUR)

    assert release_queued(now=now + DAY) == 0

    assert "already answered the survey" in consented.events.get(action="give_up_send").detail
    assert mails().count() == 1


def test_claim_that_was_cancelled_meanwhile_sends_no_survey(consented, now):
    sent(consented, "partner", now=now)
    queue(consented, Audience.PARTNER, now=now + HOUR)
    lifecycle.cancel(consented, by=consented.created_by, now=now + 2 * HOUR)

    assert release_queued(now=now + DAY) == 0

    assert "Partner survey email: " in consented.events.get(action="give_up_send").detail
    assert mails().count() == 1


def test_survey_that_would_leave_after_the_deadline_is_refused_at_once(consented, now):
    late = consented.expires_at - HOUR
    sent(consented, "customer", now=late)

    with pytest.raises(Refused, match="cannot be queued"):
        queue(consented, Audience.CUSTOMER, now=late + SECOND)

    assert QueuedSend.objects.count() == 0


def test_survey_that_the_engagement_does_not_ask_for_is_not_queued(now):
    claim = claim_at(Status.CONSENT_RECEIVED, now=now, engagement=EngagementFactory(customer_survey=False))
    SendCap.take("customer_survey", claim.pk, now=now)

    with pytest.raises(Refused, match="asks for no such survey"):
        queue(claim, Audience.CUSTOMER, now=now)

    assert QueuedSend.objects.count() == 0
