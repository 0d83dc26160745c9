"""The mail of the day by several beats at once: one for each person; and a control without the lock (DL-5, F17)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from claims import digests, reminders
from claims.models import DigestLine
from incentives.models import User
from mail.models import Message, ReminderWish
from tests.factories import make_claim
from tests.together import at_once, once_another_looks, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
BEATS, READERS = 4, 6
SIX = datetime(2027, 5, 10, 6, 0, tzinfo=UTC)


@pytest.fixture
def readers(db) -> list[User]:
    """Each reads one mail a day, and has a claim whose customer has some days left."""
    people = [make_claim(now=SIX - timedelta(days=25)).created_by for _n in range(READERS)]
    for person in people:
        ReminderWish.choose(person.email, "daily", now=SIX - timedelta(days=1))
    return people


def beat() -> int:
    reminders.send_reminders(now=SIX)
    return digests.send_digests(now=SIX)


def written() -> list[str]:
    return sorted(Message.objects.filter(kind__startswith="reminder").values_list("to", flat=True))


def test_several_beats_at_once_write_one_mail_to_each(readers):
    assert sum(at_once(*[beat] * BEATS)) == READERS
    assert written() == sorted(person.email for person in readers)
    assert not DigestLine.objects.to_tell().exists()


def test_control_without_the_lock_one_beat_trips_over_another(readers, monkeypatch):
    digests.look_ahead(now=SIX)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    for _ in range(20):
        if len(won(at_once(*[partial(digests.send_digests, now=SIX)] * BEATS))) < BEATS:
            break
        Message.objects.all().delete()
        DigestLine.objects.update(told_at=None)
    else:
        pytest.fail("Without the lock no two beats ever wrote to the same reader.")


def test_a_beat_that_looked_before_another_was_done_writes_nothing(readers):
    """Its statement sees what is owed, and reaches each reader when the other has given back the lock."""
    digests.look_ahead(now=SIX)
    slow = digests.owed(now=SIX).extra(where=["pg_sleep(0.3) IS NOT NULL"])
    send = partial(digests.send_digests, now=SIX)
    late, first = at_once(partial(digests.tell_batch, slow, now=SIX), partial(once_another_looks, send))
    assert first == READERS
    assert late == (readers[-1].pk, 0)
    assert written() == sorted(person.email for person in readers)


@pytest.mark.parametrize("_n", range(5))
def test_who_chooses_as_beats_run_is_told_of_each_claim_once(readers, _n):
    """By itself or in the mail of the day, and lost by neither."""
    ReminderWish.objects.all().delete()
    choices = [partial(ReminderWish.choose, person.email, "daily", now=SIX) for person in readers]

    at_once(beat, *choices, beat)
    beat()

    assert written() == sorted(person.email for person in readers)


def test_a_day_has_one_mail_whoever_writes_it(readers):
    assert digests.send_digests(now=SIX) == READERS
    kept = Message.objects.values("kind", "to", "dedupe_key", "created_at", "next_attempt_at").first()
    with pytest.raises(IntegrityError, match="dedupe_key"):
        Message.objects.create(message_id="<another@portal.example>", **kept)
