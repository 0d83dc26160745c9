"""Reminders by several beats at once: each leaves once; and a control without the lock (DL-5, F17)."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from claims import reminders
from claims.models import Claim, Reminder
from claims.models.claim import ClaimQuerySet
from mail.models import Message
from tests.factories import make_claim
from tests.together import at_once, once_another_looks, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
BEATS, CLAIMS = 4, 6


@pytest.fixture
def near(now) -> list[Claim]:
    """Claims whose customers have ten days left."""
    return [make_claim(now=now - timedelta(days=20)) for _n in range(CLAIMS)]


def beats(now) -> list:
    return at_once(*[partial(reminders.send_reminders, now=now)] * BEATS)


def test_several_beats_at_once_remind_once(near, now):
    assert sum(beats(now)) == CLAIMS
    assert sorted(Reminder.objects.values_list("claim", flat=True)) == [claim.pk for claim in near]
    assert Message.objects.filter(kind="reminder").count() == CLAIMS


def test_control_without_the_lock_one_beat_trips_over_another(near, now, monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "select_for_update", lambda self, **_: self)
    for _ in range(20):
        if len(won(beats(now))) < BEATS:
            break
        Reminder.objects.all().delete()
    else:
        pytest.fail("Without the lock no two beats ever wrote the same reminder.")


def test_a_beat_that_looked_before_another_was_done_finds_nothing_left(near, now):
    """Its statement sees no reminder yet, and reaches each claim when the other has given back the lock."""
    slow = reminders.unreminded(7, 14, now=now).extra(where=["pg_sleep(0.3) IS NOT NULL"])
    send = partial(reminders.send_reminders, now=now)
    late, first = at_once(
        partial(reminders.remind_batch, slow, 14, now=now), partial(once_another_looks, send)
    )
    assert first == CLAIMS
    assert late == (near[-1], 0)
    assert Reminder.objects.count() == CLAIMS


def test_a_reminder_stands_once_whoever_writes_it(near, now):
    assert reminders.send_reminders(now=now) == CLAIMS
    kept = Reminder.objects.values("claim_id", "deadline", "days", "at").first()
    with pytest.raises(IntegrityError):
        Reminder.objects.create(**kept)
