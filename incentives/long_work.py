"""Long work in the background: each piece is one worker's under a lease, and another's when that worker has died.

A piece is a row of a model that builds on LongWork and has a `state`: it begins as "queued", and "failed" is where it
ends after three attempts.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.core.files.storage import default_storage
from django.db import models, transaction

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
ATTEMPTS_AT_MOST = 3
LEFT_OVER_AFTER = timedelta(hours=1)


class Withdrawn(Exception):
    """Somebody cancelled the piece, or another worker has it by now."""


Piece = TypeVar("Piece", bound="LongWork")


class LongWorkQuerySet(models.QuerySet[Piece]):
    def queued(self) -> "LongWorkQuerySet[Piece]":
        return self.filter(state="queued")

    def unfinished(self) -> "LongWorkQuerySet[Piece]":
        return self.filter(state__in=self.model.UNFINISHED)

    def at_work(self) -> "LongWorkQuerySet[Piece]":
        return self.filter(state__in=self.model.AT_WORK)

    def stranded(self, now: datetime) -> "LongWorkQuerySet[Piece]":
        """Those whose worker has not been heard of for longer than its lease."""
        return self.at_work().filter(lease_until__lte=now)


class LongWork(models.Model):
    """What every piece records of the work on it; `TONES` says how each state is to be understood at a glance."""

    AT_WORK: ClassVar[tuple[str, ...]]
    UNFINISHED: ClassVar[tuple[str, ...]]
    TONES: ClassVar[dict[str, str]]

    state: Any

    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        abstract = True

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def tone(self) -> str:
        return self.TONES[self.state]


def percent(passed: int, total: int) -> int:
    """How far a piece is whose parts are counted; all of them are not yet the end."""
    return min(99, passed * 100 // total) if total else 0


@dataclass
class Watch:
    """The instants that pass while a long work runs, counted from the one at which it began."""

    since: datetime
    started: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> datetime:
        return self.since + timedelta(seconds=time.monotonic() - self.started)


@dataclass
class Hold:
    """One worker's hold on a piece, good until its lease runs out, somebody cancels, or another worker takes over."""

    piece: Any
    watch: Watch

    def mine(self) -> LongWorkQuerySet:
        pieces = type(self.piece).objects.at_work()
        return pieces.filter(pk=self.piece.pk, attempts=self.piece.attempts)

    def keep(self, *, lease: timedelta = LEASE, **facts: Any) -> None:
        """Go on, and say how far it is; raises Withdrawn."""
        if not self.mine().update(lease_until=self.watch.now + lease, **facts):
            raise Withdrawn

    def end(self, state: str, **facts: Any) -> None:
        """Finish the piece; raises Withdrawn."""
        if not self.mine().update(state=state, lease_until=None, finished_at=self.watch.now, **facts):
            raise Withdrawn


Work = Callable[[Any], None]
GiveBack = Callable[..., None]


def carry_out(hold: Hold, work: Work, give_back: GiveBack) -> None:
    """Do the work; what breaks off is given back, what was cancelled or taken over is let go."""
    try:
        work(hold)
    except Withdrawn:
        log.info("%r was cancelled or taken over.", hold.piece)
    except Exception:
        log.exception("%r broke off.", hold.piece)
        give_back(hold.mine(), now=hold.watch.now)


def queue_again(left: LongWorkQuerySet, *, reason: str, now: datetime, **anew: Any) -> None:
    """Queue what a worker left unfinished, as far as it was `anew`; what has failed three times is given up."""
    exhausted = left.filter(attempts__gte=ATTEMPTS_AT_MOST)
    exhausted.update(state="failed", lease_until=None, finished_at=now, reason=reason)
    left.update(state="queued", lease_until=None, **anew)


def sweep(
    pieces: LongWorkQuerySet, begin: Callable[..., None], give_back: GiveBack, *, now: datetime
) -> None:
    """Pick up what a dead worker left behind, and begin whatever waits, the oldest first."""
    watch = Watch(now)
    with transaction.atomic():
        left = pieces.stranded(now).select_for_update(skip_locked=True)
        give_back(pieces.at_work().filter(pk__in=[piece.pk for piece in left]), now=now)
    for pk in list(pieces.queued().order_by("pk").values_list("pk", flat=True)):
        begin(pk, now=watch.now)


def delete_left_overs(paths: Iterable[str], needed: set[str], *, now: datetime) -> int:
    """Delete stored files that no piece needs, left by a crash between two steps; returns how many."""
    old = [
        path
        for path in paths
        if path not in needed and default_storage.get_modified_time(path) < now - LEFT_OVER_AFTER
    ]
    for path in old:
        default_storage.delete(path)
    return len(old)
