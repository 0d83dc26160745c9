"""Beat was down for three days: one run of each job does what was due, once, and nothing else (DL-4, DL-5, F16)."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from claims import expiry, reminders
from claims.models import Claim, ClaimEvent
from claims.states import Status as S
from claims.transitions import EXPIRY
from mail.models import Message
from tests.factories import claim_at, make_claim

# One process of the test run makes the claims that both of these judge.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("after an outage")]
SECOND, DAY = timedelta(seconds=1), timedelta(hours=24)
OUTAGE = 3 * DAY


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def claims(lasting, now) -> list[Claim]:
    """One in each status; of those that nobody has worked on, one for each hour around what the outage missed."""
    around = [now - 30 * DAY + timedelta(hours=hours) for hours in range(-72, 15 * 24, 8)]
    edges = [now - 30 * DAY + n * SECOND for n in (-1, 0, 1)]
    return [make_claim(now=created) for created in (*around, *edges)] + [claim_at(s, now=now) for s in S]


def standing() -> dict[int, tuple]:
    return {row[0]: row for row in Claim.objects.values_list("pk", "status", "updated_at", "revision")}


def test_one_run_does_what_was_due_and_nothing_else(claims, now):
    before, told = standing(), Message.objects.count()
    due = {claim.pk: claim for claim in claims if claim.expires_at and claim.expires_at <= now}
    due = {pk: claim for pk, claim in due.items() if before[pk][1] in EXPIRY}
    assert len(due) == 12

    assert expiry.expire_due(now=now) == len(due)

    for pk, row in standing().items():
        if claim := due.get(pk):
            assert row == (pk, EXPIRY[before[pk][1]], claim.expires_at, before[pk][3] + 1)
        else:
            assert row == before[pk]
    events = ClaimEvent.objects.filter(action="expire", claim__in=due)
    assert sorted(events.values_list("claim", "at")) == sorted((pk, c.expires_at) for pk, c in due.items())
    assert Message.objects.count() == told


def test_one_run_reminds_each_address_of_each_claim_once(claims, now):
    near = {
        claim.pk
        for claim in Claim.objects.filter(status__in=list(EXPIRY))
        if now < claim.expires_at <= now + 14 * DAY
    }
    reminders.send_reminders(now=now - OUTAGE)
    Message.objects.all().delete()

    expiry.expire_due(now=now)
    reminders.send_reminders(now=now)
    reminders.send_reminders(now=now)

    letters = Counter(Message.objects.values_list("about", "to"))
    assert set(letters.values()) == {1}
    assert {about for about, _to in letters} <= near
    assert len(letters) > 10
