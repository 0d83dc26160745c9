"""What runs when nobody is there: beat's timetable, which no wrong clock silences, and how its parts are seen alive."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from celery.beat import PersistentScheduler
from django.db import DatabaseError, connection

from mail import clock
from mail.models import Message

from .models import Tick

LATE_AFTER = timedelta(minutes=5)
BETWEEN_TICKS = 20  # seconds
# Celery adds a task of its own that knows no interval, but runs at an hour of each day.
CALENDAR = timedelta(days=1)
log = logging.getLogger(__name__)


class Timetable(PersistentScheduler):
    """Beat, awake in every minute, that leaves a tick of its own and forgets what it noted under a clock gone wrong.

    Celery's own keeps silent until an instant that it noted while the clock was ahead: three days, if it was so far.
    """

    max_interval = 30
    _ticked = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if any(entry.last_run_at > entry.default_now() for entry in self.schedule.values()):
            self.begin_anew()
        if time.monotonic() - self._ticked >= BETWEEN_TICKS:
            self._ticked = time.monotonic()
            leave_tick()
        return float(super().tick(*args, **kwargs))

    def begin_anew(self) -> None:
        """Everything is due at once: each task looks for itself what there is to do."""
        log.warning("The clock was ahead, so every scheduled task runs now.")
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - getattr(entry.schedule, "run_every", CALENDAR)
        self._heap = None


def leave_tick() -> None:
    """Say that beat runs; after a long silence everything begins anew."""
    try:
        now = clock.now()
        if is_silent(ages(now=now)[Tick.BEAT]):
            Tick.leave(Tick.BEGINNING, now=now)
        Tick.leave(Tick.BEAT, now=now)
    except DatabaseError as error:
        log.warning("Beat runs, but could not say so: %s", error)
    finally:
        connection.close()


def ages(*, now: datetime) -> dict[str, timedelta | None]:
    """How long ago beat, and a worker that it reached through the queue, were last seen; None for never."""
    seen = dict(Tick.objects.values_list("name", "at"))
    return {name: now - seen[name] if name in seen else None for name in (Tick.BEAT, Tick.WORKER)}


def is_silent(age: timedelta | None) -> bool:
    return age is None or age > LATE_AFTER


def has_just_begun(*, now: datetime) -> bool:
    """Whether there was no time yet for anybody to be seen, nor for what had waited to leave."""
    return Tick.objects.filter(name=Tick.BEGINNING, at__gte=now - LATE_AFTER).exists()


def late(*, now: datetime) -> list[str]:
    """What has not been seen alive for too long, and mails that wait longer than a server out of reach explains.

    Nothing that has just begun is late: neither a new portal, nor one that goes on after it stood still.
    """
    if has_just_begun(now=now):
        return []
    silent = [name for name, age in ages(now=now).items() if is_silent(age)]
    return [*silent, "mail"] if Message.objects.due(now - LATE_AFTER).exists() else silent
