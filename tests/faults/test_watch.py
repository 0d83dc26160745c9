"""What /readyz calls late while web, worker and beat come and go (F19)."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dev.environment import Site
from tests.journeys.another_web import Web, another_web
from tests.journeys.calling import Caller

from .conftest import Line
from .services import until

ALMOST_LATE = timedelta(minutes=4, seconds=30)


@pytest.fixture
def new(line: Line) -> Line:
    """A portal that was migrated just now, with a mail that has waited for a week."""
    line.sql("DELETE FROM incentives_tick WHERE name <> 'beginning'")
    line.sql("UPDATE incentives_tick SET at = clock_timestamp()")
    line.write(1, asked=False)
    line.let_time_pass(7 * 24 * 60)
    line.run_faster(10)
    return line


@pytest.fixture
def web(new: Line) -> Iterator[Web]:
    with another_web(Site(new.folder / "data", 0, new.env), new.folder / "web.log") as web:
        yield web


def readyz(web: Web) -> dict:
    return json.loads(Caller(f"http://localhost:{web.port}").get("/readyz").body)


def all_seen(web: Web) -> bool:
    return None not in readyz(web)["seconds_since"].values()


def begun_long_ago(line: Line) -> None:
    line.sql("UPDATE incentives_tick SET at = at - interval '1 day' WHERE name = 'beginning'")


def wait_almost_too_long(line: Line) -> None:
    line.sql("UPDATE incentives_tick SET at = at - %s", ALMOST_LATE)


def test_nothing_that_has_just_been_started_is_late(new, web):
    assert readyz(web) == {"ready": True, "seconds_since": {"beat": None, "worker": None}, "late": []}
    new.worker()
    new.beat()

    while not all_seen(web):
        assert readyz(web)["late"] == []
    new.until_sent(1)
    begun_long_ago(new)
    assert readyz(web)["late"] == []


def test_control_without_grace_everything_is_late_at_first(new):
    new.without("the grace of the beginning")

    with another_web(Site(new.folder / "data", 0, new.env), new.folder / "web.log") as web:
        assert readyz(web)["late"] == ["beat", "worker", "mail"]


@pytest.mark.parametrize(("silent", "with_it"), [("beat", {"worker"}), ("worker", set())])
def test_whoever_ends_is_late_within_ten_minutes_and_nobody_else(new, web, silent, with_it):
    """Five minutes are shortened by moving the ticks back; whoever lives leaves new ones, a worker if beat asks."""
    processes = {"worker": new.worker(), "beat": new.beat()}
    until(lambda: all_seen(web), patience=60)
    begun_long_ago(new)
    wait_almost_too_long(new)
    until(lambda: max(readyz(web)["seconds_since"].values()) < 60, patience=60)
    processes[silent].terminate()
    processes[silent].wait(30)
    wait_almost_too_long(new)

    begun = time.monotonic()
    until(lambda: silent in readyz(web)["late"], patience=60)

    assert ALMOST_LATE + timedelta(seconds=time.monotonic() - begun) < timedelta(minutes=10)
    assert set(readyz(web)["late"]) - {silent} <= with_it


DAY = 24 * 3600
PACE = 96  # a day takes a quarter of an hour, and five minutes of silence three seconds


@pytest.fixture
def fast(line: Line) -> Iterator[tuple[Line, Web]]:
    """A portal with all its processes, in which time is short for whoever must be seen alive."""
    line.live_faster(PACE)
    line.worker()
    with another_web(Site(line.folder / "data", 0, line.env), line.folder / "web.log") as web:
        yield line, web


def test_a_whole_day_without_work_raises_no_alarm(fast):
    line, web = fast
    line.beat()
    until(lambda: all_seen(web) and not readyz(web)["late"], patience=60)
    alarms, asked, end = [], 0, time.monotonic() + DAY / PACE

    while time.monotonic() < end:
        alarms += readyz(web)["late"]
        asked += 1

    print(f"asked {asked} times, {line.done('incentives.tasks.tick')} ticks of the worker")
    assert alarms == []


def test_control_at_this_pace_too_a_beat_that_ends_is_called_late(fast):
    line, web = fast
    beat = line.beat()
    until(lambda: all_seen(web) and not readyz(web)["late"], patience=60)

    beat.terminate()

    until(lambda: "beat" in readyz(web)["late"], patience=600 / PACE)
