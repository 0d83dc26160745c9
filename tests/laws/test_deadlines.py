"""Each clock, a second before its instant, at it and after, for every activity type, by gate and job (DL-1 to DL-4)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import engagements
from claims import expiry, lifecycle
from claims.models import Claim
from claims.states import Status as S
from claims.transitions import EXPIRY
from engagements.models import ActivityType
from tests.doors.knocking import undone
from tests.factories import EngagementFactory, claim_at

from . import seed

CATALOGUE = Path(engagements.__file__).parent / "data" / "catalogue.jsonl"
START = datetime(2026, 2, 1, 9, 14, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def activity_types() -> dict[str, dict]:
    records = map(json.loads, CATALOGUE.read_text().splitlines())
    return {record["code"]: record for record in records if record["record"] == "activity_type"}


@pytest.mark.parametrize(("label", "codes"), seed.ACTIVITY_TYPES.items())
def test_the_catalogue_has_the_guides_days(label, codes):
    days = seed.TABLES["expirations"][label]
    for code in codes:
        record = activity_types()[code]
        assert (
            record["consent_days"],
            record["submit_days"],
            record["review_days"],
            record["dispute_days"],
        ) == (
            days["consent"],
            days["not_submitted"],
            days["post_submission"],
            days["disputed"],
        )


def test_every_activity_type_of_the_catalogue_is_in_the_guide():
    assert set(activity_types()) == {code for codes in seed.ACTIVITY_TYPES.values() for code in codes}


# For each expiring status: from which instant of the claim, and by which of its days, its clock runs.
CLOCKS = {
    S.CUSTOMER_CLAIMED: ("created_at", "consent_days", S.CONSENT_EXPIRED),
    S.AWAITING_CONSENT: ("created_at", "consent_days", S.CONSENT_EXPIRED),
    S.CONSENT_RECEIVED: ("consented_at", "submit_days", S.NOT_SUBMITTED_EXPIRED),
    S.ACTION_REQUIRED: ("consented_at", "review_days", S.POST_SUBMISSION_EXPIRED),
    S.DISPUTED: ("rejected_at", "dispute_days", S.DISPUTE_EXPIRED),
}


def test_every_expiring_status_is_tried():
    assert {status: target for status, (_, _, target) in CLOCKS.items()} == EXPIRY


@pytest.fixture(params=sorted(activity_types()))
def of_type(request, db):
    record = activity_types()[request.param] | {}
    record.pop("record")
    return EngagementFactory(activity_type=ActivityType.objects.create(**record))


# What a person would do in each expiring status, with all that it asks for.
DEEDS = {
    S.CUSTOMER_CLAIMED: lambda claim, now: lifecycle.cancel(claim, by=claim.created_by, now=now),
    S.AWAITING_CONSENT: lambda claim, now: lifecycle.give_consent(claim, now=now),
    S.CONSENT_RECEIVED: lambda claim, now: lifecycle.cancel(claim, by=claim.created_by, now=now),
    S.ACTION_REQUIRED: lambda claim, now: lifecycle.submit(claim, by=claim.created_by, now=now),
    S.DISPUTED: lambda claim, now: lifecycle.submit(claim, by=claim.created_by, now=now),
}


@pytest.mark.parametrize("status", list(CLOCKS))
def test_a_clock_runs_out_at_its_very_instant(of_type, status):
    """By the job and by the gate, which lets through till the last second; then the claim expires at once (DL-4)."""
    anchor, days, target = CLOCKS[status]
    claim = claim_at(status, now=START, engagement=of_type)
    deadline = getattr(claim, anchor) + timedelta(hours=24 * getattr(of_type.activity_type, days))

    assert claim.expires_at == deadline
    assert claim.status_at(deadline - SECOND) == status
    assert claim.status_at(deadline) == target
    assert expiry.expire_due(now=deadline - SECOND) == 0
    assert Claim.objects.as_of(deadline).get().current_status == target
    with undone():
        assert expiry.expire_due(now=deadline) == 1
        claim.refresh_from_db()
        assert (claim.status, claim.updated_at, claim.expires_at) == (target, deadline, None)
    claim.refresh_from_db()
    with undone():
        DEEDS[status](claim, deadline - SECOND)
        assert claim.events.first().at == deadline - SECOND
    for late in (deadline, deadline + SECOND):
        with undone():
            with pytest.raises(lifecycle.DeadlinePassed):
                DEEDS[status](claim, late)
            claim.refresh_from_db()
            assert (claim.status, claim.updated_at) == (target, deadline)
            assert (claim.events.first().action, claim.events.first().at) == ("expire", deadline)


@pytest.mark.django_db
def test_a_dispute_must_be_opened_and_submitted_within_thirty_days_of_the_rejection():
    claim = claim_at(S.REJECTED, now=START)
    deadline = claim.rejected_at + timedelta(days=30)

    with pytest.raises(lifecycle.Refused):
        lifecycle.dispute(claim, by=claim.created_by, now=deadline)
    lifecycle.dispute(claim, by=claim.created_by, now=deadline - SECOND)
    assert claim.expires_at == deadline
    with pytest.raises(lifecycle.DeadlinePassed):
        lifecycle.submit(claim, by=claim.created_by, now=deadline)

    claim.refresh_from_db()
    assert claim.status == S.DISPUTE_EXPIRED


@pytest.mark.django_db
def test_a_rejection_that_nobody_disputes_keeps_its_label():
    claim = claim_at(S.REJECTED, now=START)
    assert expiry.expire_due(now=claim.rejected_at + timedelta(days=400)) == 0
    claim.refresh_from_db()
    assert claim.status == S.REJECTED


@pytest.mark.django_db
def test_submitting_a_dispute_sets_the_review_clock_once():
    claim = claim_at(S.DISPUTED, now=START)
    reviewer = claim.events.get(action="reject").user
    submitted = START + timedelta(days=2)
    lifecycle.submit(claim, by=claim.created_by, now=submitted)
    for again in (submitted + timedelta(days=3), submitted + timedelta(days=9)):
        lifecycle.start_review(claim, by=reviewer, now=again)
        lifecycle.request_action(claim, by=reviewer, now=again, comment="More, please.")
        assert claim.expires_at == submitted + timedelta(days=30)
        lifecycle.submit(claim, by=claim.created_by, now=again + SECOND)
    assert claim.dispute_submitted_at == submitted


@pytest.mark.django_db
def test_a_reviewer_whose_clock_has_passed_can_only_approve_or_reject():
    claim = claim_at(S.UNDER_REVIEW, now=START)
    reviewer = claim.events.get(action="start_review").user
    late = claim.consented_at + timedelta(days=120)
    assert expiry.expire_due(now=late) == 0
    with pytest.raises(lifecycle.Refused, match="approve or reject"):
        lifecycle.request_action(claim, by=reviewer, now=late, comment="More, please.")
    lifecycle.approve(claim, by=reviewer, now=late)
    assert claim.status == S.APPROVED


@pytest.mark.django_db
def test_the_job_does_nothing_the_second_time():
    claim = claim_at(S.AWAITING_CONSENT, now=START)
    late = claim.expires_at + timedelta(days=3)
    assert [expiry.expire_due(now=late), expiry.expire_due(now=late)] == [1, 0]
    assert claim.events.filter(action="expire").count() == 1
