"""Beat gone for days, there twice, or under a clock that jumps: every deed once, and none early (F16, F17, F18)."""

import os
import signal
import time
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from dev import portal
from dev.environment import Site, furnish
from tests.databases import copy_of, copy_of_the_tables
from tests.journeys.another_web import another_web
from tests.journeys.calling import Caller

from .conftest import Line
from .services import until

FASTER = 30  # what the timetable does in ten minutes happens in twenty seconds
TEN_MINUTES = 600 / FASTER
NUMBERS = count()
EXPIRE, REMIND, DELIVER = (
    "claims.tasks.expire_claims",
    "claims.tasks.send_reminders",
    "mail.tasks.deliver_due",
)


@pytest.fixture(scope="session")
def model(database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the demo's claims, in every status."""
    folder, name = tmp_path_factory.mktemp("beats"), "beats_model"
    furnish(folder)
    env = os.environ | {"DATABASE_URL": copy_of_the_tables(name), "DATA_DIR": str(folder), "DEMO": "1"}
    portal.prepare(Site(folder, 0, env), own_database=False)
    return name


@pytest.fixture
def demo(line: Line, model: str) -> Line:
    """Of the claims in each status, every second one runs out within seconds, the others from in 80 hours on."""
    line.env["DATABASE_URL"] = copy_of(model, f"beats_{next(NUMBERS)}")
    line.run_faster(FASTER)
    line.sql("UPDATE mail_message SET state = 'sent' WHERE state = 'queued'")
    line.sql("TRUNCATE claims_reminder")
    line.sql(
        """UPDATE claims_claim SET expires_at = now() + place *
        CASE place %% 2 WHEN 1 THEN interval '2 seconds' ELSE interval '40 hours' END
        FROM (SELECT id AS running, row_number() OVER (PARTITION BY status ORDER BY id) AS place FROM claims_claim
        WHERE expires_at > now()) AS each WHERE running = claims_claim.id""",
    )
    return line


def running(line: Line, which: str) -> dict[int, tuple[object, ...]]:
    """The claims whose clock runs out then, less the rejected, whose clock only closes the dispute."""
    rows = line.sql(
        f"SELECT id, status, expires_at FROM claims_claim WHERE status <> 'rejected' AND expires_at {which}"  # noqa: S608
    )
    return {pk: tuple(facts) for pk, *facts in rows}


def expired(line: Line) -> Counter[int]:
    """How often each claim has expired, as its history tells its people."""
    return Counter(pk for (pk,) in line.sql("SELECT claim_id FROM claims_claimevent WHERE action = 'expire'"))


def newest_mail(line: Line) -> int:
    return int(line.sql("SELECT max(id) FROM mail_message")[0][0])


def written(line: Line, *, since: int) -> Counter[tuple[object, ...]]:
    """How often each person was written to about each claim, by kind."""
    return Counter(line.sql('SELECT about, kind, "to" FROM mail_message WHERE about > 0 AND id > %s', since))


def let_pass(line: Line, gone: timedelta) -> None:
    """Move every instant that a claim waits for into the past."""
    for table, instant in (
        ("claims_claim", "expires_at"),
        ("claims_queuedsend", "send_at"),
        ("mail_sendcap", "open_from"),
    ):
        line.sql(f"UPDATE {table} SET {instant} = {instant} - %s", gone)  # noqa: S608


def test_beat_comes_back_after_three_days(demo):
    """F16: what was due is done, what was not is not touched, and nobody is reminded twice."""
    let_pass(demo, timedelta(days=3))
    due, left = running(demo, "<= now()"), running(demo, "> now()")
    earlier, since = expired(demo), newest_mail(demo)
    assert len(due) > 3 < len(left)
    demo.worker()
    demo.beat()

    until(lambda: demo.done(EXPIRE), patience=20 + TEN_MINUTES)
    assert expired(demo) - earlier == Counter(set(due))
    until(lambda: demo.done(REMIND), patience=90)
    demo.ask(REMIND)
    until(lambda: demo.done(REMIND) > 1)

    assert expired(demo) - earlier == Counter(set(due))
    assert running(demo, "IS NOT NULL") == left
    told = written(demo, since=since)
    assert {"reminder", "reminder_customer"} <= {kind for _about, kind, _to in told}
    assert set(told.values()) == {1}


def test_control_without_the_sweep_of_deadlines_nothing_expires(demo):
    demo.without("the sweep of deadlines")
    let_pass(demo, timedelta(days=3))
    earlier = expired(demo)
    demo.worker()
    demo.beat()

    until(lambda: demo.done(EXPIRE) > 1, patience=60)
    assert expired(demo) == earlier


def test_control_where_every_reminder_leaves_that_was_missed_people_get_several(demo):
    demo.without("the nearest reminder alone")
    let_pass(demo, timedelta(days=3))
    since = newest_mail(demo)
    demo.worker()
    demo.ask(REMIND)

    until(lambda: demo.done(REMIND))
    assert max(written(demo, since=since).values()) > 1


def twice(line: Line) -> None:
    """Two beats and two workers, for twenty minutes of the timetable, while claims run out and mails wait."""
    line.sink.seconds_per_mail = 0.1
    line.write(40, asked=False)
    for _ in range(2):
        line.worker()
        line.beat()
    until(lambda: line.done(EXPIRE) > 3 and line.done(REMIND) > 1, patience=150)
    until(lambda: not line.number("queued"))
    line.stop()


def test_two_beats_do_everything_once(demo):
    """F17."""
    earlier, since = expired(demo), newest_mail(demo)

    twice(demo)

    gone = expired(demo) - earlier
    assert len(gone) > 3
    assert set(gone.values()) == set(written(demo, since=since).values()) == {1}
    assert demo.repeated == 0
    assert "raised unexpected" not in demo.said


def test_control_where_a_sweep_takes_what_another_has_in_hand_mails_leave_twice(demo):
    demo.without("the state of a mail")

    twice(demo)

    assert demo.repeated > 0


def asked_for(line: Line, task: str) -> int:
    return line.said.count(f"({task})")


def beat_whose_clock_is_set_back(line: Line, ahead: float, then: float) -> None:
    line.run_faster(FASTER)
    line.set_clocks(ahead, then)
    beat = line.beat()
    until(lambda: asked_for(line, EXPIRE), patience=60)
    beat.send_signal(signal.SIGUSR2)


JUMPS = pytest.mark.parametrize("hours", [(72, 0), (0, -2)], ids=["three days ahead", "two hours back"])


@JUMPS
def test_a_clock_that_is_set_back_keeps_no_sweep_waiting(line, hours):
    """F18."""
    beat_whose_clock_is_set_back(line, *hours)

    before = asked_for(line, EXPIRE)
    until(lambda: asked_for(line, EXPIRE) > before + 1, patience=1.5 * TEN_MINUTES)


@JUMPS
def test_control_celerys_own_beat_is_silent_until_its_clock_is_there_again(line, hours):
    line.env["BEAT"] = "celery.beat:PersistentScheduler"
    beat_whose_clock_is_set_back(line, *hours)

    before = asked_for(line, EXPIRE), asked_for(line, DELIVER)
    time.sleep(1.5 * TEN_MINUTES)
    assert (asked_for(line, EXPIRE), asked_for(line, DELIVER)) == before


def swept_two_hours_ahead(line: Line) -> Counter[int]:
    """What expires of claims that have an hour left, by a worker whose clock is two ahead of the database's."""
    line.set_clocks(2)
    line.sql("UPDATE claims_claim SET expires_at = now() + interval '1 hour' WHERE expires_at > now()")
    earlier = expired(line)
    line.worker()
    line.ask(EXPIRE)
    until(lambda: line.done(EXPIRE))
    return expired(line) - earlier


def test_nothing_expires_early_by_the_clock_of_a_worker(demo):
    assert not swept_two_hours_ahead(demo)


def test_control_by_its_own_clock_claims_would(demo):
    demo.without("the clock of the database")

    assert swept_two_hours_ahead(demo)


def shown_two_hours_ahead(line: Line) -> str:
    """The page of a claim that has an hour left, by a web process whose clock is two ahead of the database's."""
    line.set_clocks(2)
    line.sql(
        "UPDATE claims_claim SET expires_at = now() + interval '1 hour' WHERE status = 'customer_claimed'"
    )
    ((claim,),) = line.sql(
        """SELECT min(claim.id) FROM claims_claim claim
        JOIN incentives_location location ON location.id = claim.location_id
        WHERE claim.status = 'customer_claimed' AND location.partner_number = 5272302"""
    )
    with another_web(Site(line.folder / "data", 0, line.env), line.folder / "web.log") as web:
        caller = Caller(f"http://localhost:{web.port}")
        caller.sign_in("user@fridayinc.example")
        return caller.get(f"/claims/{claim}/").text


def test_no_page_calls_a_claim_expired_early_by_the_clock_of_its_host(demo):
    page = shown_two_hours_ahead(demo)

    assert "Send email for customer consent" in page
    assert "Customer consent expired" not in page


def test_control_by_the_clock_of_the_host_it_would(demo):
    demo.without("the clock of the database")
    page = shown_two_hours_ahead(demo)

    assert "Send email for customer consent" not in page
    assert "Customer consent expired" in page
