"""Judging at the same instant: every verdict is as new as the facts; and controls without the lock, which are not."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from engagements import verdicts
from engagements.models import Attainment, Evaluation, Verdict
from tests.factories import EngagementFactory, LocationFactory, hold
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def place(now):
    """A location that holds what the one engagement asks for, and was judged so."""
    place = hold(LocationFactory(), "SP Security")
    EngagementFactory(partner_criteria_any=["SP Security"])
    verdicts.evaluate(now=now - timedelta(days=1))
    assert Verdict.objects.get().eligible
    return place


def test_four_runs_at_once_write_each_difference_once(now):
    places = [LocationFactory() for _ in range(6)]
    for _n in range(5):
        EngagementFactory()

    runs = won(at_once(*[lambda: verdicts.evaluate(now=now)] * 4))

    assert len(runs) == 4
    assert sum(run.changed for run in runs) == Verdict.objects.count() == len(places) * 5
    assert Evaluation.objects.filter(finished_at__isnull=False).count() == 4


def lose_while_the_job_runs(place, now, monkeypatch) -> bool:
    """The job has read what the location holds; then it is lost and judged; then the job writes. What is kept?"""
    read, lost = threading.Event(), threading.Event()
    found = verdicts.found

    def found_then_wait(*args, **kwargs):
        wanted = found(*args, **kwargs)
        if threading.current_thread().name == "job":
            read.set()
            lost.wait(timeout=2)
        return wanted

    def job():
        threading.current_thread().name = "job"
        verdicts.judge_all(now=now)

    def lose():
        threading.current_thread().name = "verb"
        read.wait(timeout=20)
        with transaction.atomic():
            Attainment.objects.update(expires_on=now.date())
            verdicts.judge_locations([place.pk], now=now)
        lost.set()

    monkeypatch.setattr(verdicts, "found", found_then_wait)
    # So that the job has something to write of its own.
    Verdict.objects.update(criteria={}, eligible=True)
    assert [result for result in at_once(job, lose) if isinstance(result, Exception)] == []
    return Verdict.objects.get().eligible


def test_the_job_never_overwrites_what_was_judged_meanwhile(place, now, monkeypatch):
    assert not lose_while_the_job_runs(place, now, monkeypatch)


def test_control_without_the_lock_the_job_writes_what_is_no_longer_so(place, now, monkeypatch):
    monkeypatch.setattr(verdicts, "one_judges", lambda: None)

    assert lose_while_the_job_runs(place, now, monkeypatch)
