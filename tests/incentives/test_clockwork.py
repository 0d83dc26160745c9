"""Beat under clocks that jump: it says that it lives, and is never silent for as long as a clock was ahead (F18)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from celery.schedules import crontab

from incentives.celery import app
from incentives.clockwork import Timetable
from incentives.models import Tick

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 12, 0).astimezone()


@pytest.fixture
def travel():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def beat(travel, tmp_path, monkeypatch):
    """A beat with a sweep of 30 seconds and one of an hour, and what it has sent."""
    monkeypatch.setattr("incentives.clockwork.connection.close", lambda: None)
    it = Timetable(app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    it._store = {"entries": {}}
    it.update_from_dict(
        {
            "often": {"task": "often", "schedule": 30.0, "last_run_at": START},
            "seldom": {"task": "seldom", "schedule": 3600.0, "last_run_at": START},
        }
    )
    it.sent = []
    monkeypatch.setattr(it, "apply_entry", lambda entry, producer: it.sent.append(entry.name))
    it.producer = None
    return it


def run(beat) -> list[str]:
    """What is sent until nothing more is due."""
    beat.sent.clear()
    while beat.tick() == 0:
        pass
    return sorted(beat.sent)


def test_it_sends_what_is_due(beat, travel):
    assert run(beat) == []
    travel.shift(timedelta(seconds=31))
    assert run(beat) == ["often"]
    travel.shift(timedelta(hours=1))
    assert run(beat) == ["often", "seldom"]


@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(hours=2)])
def test_a_clock_that_was_ahead_is_forgotten_at_once(beat, travel, ahead):
    run(beat)
    travel.shift(ahead)
    assert run(beat) == ["often", "seldom"]
    travel.shift(-ahead)

    assert run(beat) == ["often", "seldom"]
    travel.shift(timedelta(seconds=31))
    assert run(beat) == ["often"]


def test_what_runs_by_the_calendar_begins_anew_as_well(beat, travel):
    each_morning = {"task": "each morning", "schedule": crontab(hour=4, minute=0), "last_run_at": START}
    beat.update_from_dict({"each morning": each_morning})
    run(beat)
    travel.shift(-timedelta(hours=2))

    assert run(beat) == ["each morning", "often", "seldom"]


def test_it_wakes_each_half_minute_and_leaves_a_tick(beat):
    assert 0 < beat.tick() <= 30

    assert Tick.objects.filter(name="beat").exists()
