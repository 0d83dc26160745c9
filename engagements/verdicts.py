"""Keeping the verdicts: judged every day and at once after a change, by the law in eligibility.py (ENG-7).

Whatever changes what the law looks at calls `judge_locations` or `judge_all` here; a change that forgot to is mended
by the next daily run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from incentives.models import Enrolment, Location

from .eligibility import criteria, standings, with_rates
from .models import Engagement, Evaluation, Verdict

_Status = Enrolment.Status
# The locations that are in the programme or on their way into it: for the others nothing is kept.
ON_THE_WAY = (_Status.ENROLLED, _Status.ACTION_REQUIRED, _Status.VALIDATING)
# How many pairs of an engagement and a location, or how many locations, are judged in one transaction.
PAIRS, LOCATIONS = 20_000, 100
ROWS = 1000
JUDGE = 0x656C6967  # the lock of whoever judges
LOOKED_AT = ("payout", "opens_on", "closes_on", "partner_criteria_any", "private_list")
Pair = tuple[int, int]


@dataclass
class Tally:
    """How many pairs of engagement and location were judged, and how many verdicts differed from what was kept."""

    judged: int = 0
    changed: int = 0

    def count(self, other: "Tally") -> None:
        self.judged += other.judged
        self.changed += other.changed


def evaluate(*, now: datetime) -> Evaluation:
    """Judge every location for every engagement as of this instant, and record that it was done.

    Only differences are written, each batch in a transaction of its own, so a run may be late, be cut off, run twice
    or beside another one, and its memory does not grow with the number of locations.
    """
    run = Evaluation.objects.create(as_of=now)
    tally = judge_all(now=now)
    run.judged, run.changed = tally.judged, tally.changed
    run.save(update_fields=["judged", "changed"])
    Evaluation.objects.filter(pk=run.pk).update(finished_at=Now())
    return run


def evaluate_daily(*, now: datetime) -> Evaluation | None:
    """The scheduled run: the first call of a day in UTC evaluates, later ones find it done."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if Evaluation.objects.filter(as_of__gte=midnight, finished_at__isnull=False).exists():
        return None
    return evaluate(now=now)


def judge_all(*, now: datetime, engagements: Iterable[Engagement] | None = None) -> Tally:
    """Judge every location, for these engagements or for all: after rate cards, criteria or lists have changed.

    Call it after the change was committed: it takes many short transactions instead of one that everybody waits for.
    """
    asked = Engagement.objects.order_by() if engagements is None else engagements
    wanted = [engagement.pk for engagement in asked]
    tally = Tally()
    for places in batches(max(1, PAIRS // max(1, len(wanted)))):
        tally.count(judge(places, wanted, now=now))
    return tally


def judge_locations(locations: Iterable[int], *, now: datetime) -> Tally:
    """Judge these locations (by key) for every engagement: a few in the transaction that changed their standing."""
    places, tally = sorted(set(locations)), Tally()
    for start in range(0, len(places), LOCATIONS):
        tally.count(judge(places[start : start + LOCATIONS], None, now=now))
    return tally


def batches(size: int) -> Iterator[list[int]]:
    """The keys of all locations, so many at a time, each asked for when the one before is done."""
    last = 0
    while keys := list(
        Location.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]
    ):
        yield keys
        last = keys[-1]


@transaction.atomic
def judge(locations: list[int], engagements: list[int] | None, *, now: datetime) -> Tally:
    """Bring the verdicts on these locations in line with the law; the facts are read after the lock is taken.

    One judges at a time. So a change that is committed before is seen here, and one that is not yet committed is
    judged after this by the verb that makes it: no verdict is older than the facts.
    """
    one_judges()
    asked = Engagement.objects.only(*LOOKED_AT).order_by("pk")
    kept = Verdict.objects.filter(location__in=locations).order_by()
    if engagements is not None:
        asked, kept = asked.filter(pk__in=engagements), kept.filter(engagement__in=engagements)
    wanted = found(with_rates(asked), locations, now=now)
    stored = {
        (engagement, place): (pk, said)
        for pk, engagement, place, said in kept.values_list("pk", *PAIR, "criteria")
    }
    different = [
        verdict
        for pair, verdict in wanted.items()
        if pair not in stored or stored[pair][1] != verdict.criteria
    ]
    Verdict.objects.bulk_create(
        different,
        update_conflicts=True,
        unique_fields=PAIR,
        update_fields=["eligible", "criteria", "evaluated_at"],
        batch_size=ROWS,
    )
    gone = [pk for pair, (pk, _said) in stored.items() if pair not in wanted]
    Verdict.objects.filter(pk__in=gone).delete()
    return Tally(len(wanted), len(different) + len(gone))


PAIR = ["engagement", "location"]


def one_judges() -> None:
    """Wait for whoever judges, until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [JUDGE])


def found(engagements: list[Engagement], locations: Iterable[int], *, now: datetime) -> dict[Pair, Verdict]:
    """What the law says of each pair; locations that an engagement cannot tell apart are judged once."""
    day = now.date()
    way = Location.objects.filter(pk__in=locations, enrolment__status__in=ON_THE_WAY).order_by("pk")
    places = standings(way.values_list("pk", flat=True), day)
    verdicts = {}
    for engagement in engagements:
        asked = frozenset(engagement.partner_criteria_any)
        alike: dict[Any, dict[str, bool]] = {}
        for place, standing in places.items():
            key = (
                standing.enrolled,
                standing.country,
                standing.held & asked,
                engagement.pk in standing.lists,
            )
            if (said := alike.get(key)) is None:
                said = alike[key] = {c.code: c.met for c in criteria(engagement, standing, day)}
            verdicts[engagement.pk, place] = Verdict(
                engagement_id=engagement.pk,
                location_id=place,
                eligible=all(said.values()),
                criteria=said,
                evaluated_at=now,
            )
    return verdicts
