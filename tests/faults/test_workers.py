"""Workers killed, stopped and frozen over their mails: nothing is lost, and at most what was in hand repeats."""

import os
import signal
import time

import pytest

from tests.breadth import rounds

from .services import children_of, kill_all, until

CHILDREN = 2


def killed_over_its_mail(line, worker) -> None:
    """A child takes the only mail, and is killed after the server has it and before it said so."""
    line.sink.forget()
    line.sql("TRUNCATE mail_message")
    line.sink.seconds_per_mail = 0.5
    line.write(1)
    until(line.sink.reading.is_set)
    (child,) = children_of(worker)
    os.kill(child, signal.SIGKILL)


def test_a_killed_child_is_followed_by_another_that_sends_its_mail_at_once(line):
    """F01: the task comes again and takes back what its first worker had in hand."""
    worker = line.worker(children=1)
    until(lambda: children_of(worker))
    for _ in range(rounds(5, long=20)):
        killed_over_its_mail(line, worker)

        line.until_sent(1, patience=30)

        assert line.lost == set()
        assert line.repeated <= 1


@pytest.mark.parametrize("mechanism", ["late acknowledgement", "taking back"])
def test_control_without_either_nobody_sends_the_mail_of_a_killed_child(line, mechanism):
    line.without(mechanism)
    worker = line.worker(children=1)
    until(lambda: children_of(worker))

    killed_over_its_mail(line, worker)

    until(lambda: line.redis.is_idle)
    assert line.number("sending") == 1


def test_a_worker_killed_with_all_its_children_loses_nothing(line):
    """F02: what it held waits for its lease, and the sweep sends it without the queue's help."""
    line.sink.seconds_per_mail = 0.02
    line.write(200)
    killed = 3
    for n in range(killed):
        worker = line.worker(children=CHILDREN)
        until(lambda n=n: line.number("sent") > 40 * (n + 1))
        kill_all(worker)
    line.redis.say("FLUSHALL")
    line.let_time_pass(4)
    line.worker(children=CHILDREN)
    line.ask("mail.tasks.deliver_due")

    line.until_sent(200, patience=90)

    assert line.lost == set()
    assert line.repeated <= killed * CHILDREN


def test_control_where_no_sweep_looks_at_leases_what_was_in_hand_stays_there(line):
    line.without("the look at leases")
    line.sink.seconds_per_mail = 0.5
    line.write(10)
    worker = line.worker(children=CHILDREN)
    until(line.sink.reading.is_set)
    kill_all(worker)
    line.redis.say("FLUSHALL")
    line.let_time_pass(4)
    line.sink.seconds_per_mail = 0
    line.worker(children=CHILDREN)
    line.ask("mail.tasks.deliver_due")

    until(lambda: line.number("queued") == 0)
    until(lambda: line.redis.is_idle)
    assert 0 < line.number("sending") <= CHILDREN


def test_a_worker_asked_to_end_finishes_its_mail_and_repeats_none(line):
    """F03: as at every deployment."""
    line.sink.seconds_per_mail = 0.05
    line.write(120)
    for n in range(rounds(3, long=10)):
        worker = line.worker(children=CHILDREN)
        until(lambda n=n: line.number("sent") > 8 * (n + 1))
        begun = time.monotonic()
        worker.terminate()
        assert worker.wait(30) == 0, f"after {time.monotonic() - begun:.0f} s"
    line.worker(children=CHILDREN)
    line.ask("mail.tasks.deliver_due")

    line.until_sent(120, patience=90)

    assert line.lost == set()
    assert line.repeated == 0


def test_control_a_worker_that_ends_at_once_repeats_the_mail_in_its_hands(line):
    line.env["REMAP_SIGTERM"] = "SIGQUIT"
    line.sink.seconds_per_mail = 0.5
    line.write(10)
    worker = line.worker(children=CHILDREN)
    until(line.sink.reading.is_set)
    worker.terminate()
    worker.wait(30)
    line.sink.seconds_per_mail = 0
    line.let_time_pass(4)
    line.worker(children=CHILDREN)
    line.ask("mail.tasks.deliver_due")

    line.until_sent(10)
    assert line.repeated > 0


def frozen_past_its_lease(line, *, asked: bool) -> None:
    """A worker stands still over its mails, asked for one by one or by a sweep, until another has sent them all."""
    line.sink.seconds_per_mail = 0.2
    frozen = line.worker(children=1)
    line.write(20, asked=asked)
    line.ask("mail.tasks.deliver_due")
    until(lambda: line.number("sent") > 3)
    os.killpg(frozen.pid, signal.SIGSTOP)
    line.let_time_pass(4)
    line.sink.seconds_per_mail = 0
    line.worker(children=1)
    line.ask("mail.tasks.deliver_due")
    line.until_sent(20)
    os.killpg(frozen.pid, signal.SIGCONT)
    line.stop()


@pytest.mark.parametrize("asked", [True, False])
def test_a_worker_frozen_past_its_lease_repeats_at_most_the_mail_in_its_hands(line, asked):
    """F04: another has sent what it held by the time that it goes on."""
    frozen_past_its_lease(line, asked=asked)

    assert line.lost == set()
    assert line.repeated <= 1


def test_control_with_one_lease_for_many_mails_it_repeats_them(line):
    line.without("the lease of each mail")

    frozen_past_its_lease(line, asked=False)

    assert line.repeated > 1


def test_what_nobody_was_asked_to_send_leaves_by_the_next_sweep(line):
    """F05: the process died between its commit and its word to the queue."""
    line.write(20, asked=False)
    line.worker()
    line.beat()

    line.until_sent(20, patience=90)

    assert line.repeated == 0


def test_control_without_the_sweep_it_stays(line):
    line.without("the sweep")
    line.run_faster(10)
    line.write(20, asked=False)
    line.worker()
    line.beat()

    until(lambda: line.said.count("Task mail.tasks.deliver_due") > 2)
    assert line.number("queued") == 20


@pytest.mark.parametrize("troubles", [6])
def test_five_hundred_mails_survive_kills_a_lost_queue_and_a_server_that_refuses(line, troubles):
    """Workers killed at random instants, Redis restarted twice, the mail server refusing for ten minutes."""
    mails = 500
    line.sink.seconds_per_mail = 0.005
    line.write(mails)
    line.beat()
    kills = 0
    for trouble in range(troubles):
        worker = line.worker(children=CHILDREN)
        line.ask("mail.tasks.deliver_due")
        before = line.number("sent")
        until(lambda before=before: line.number("sent") >= min(before + 30, mails), patience=90)
        if trouble in (1, 3):
            line.redis.kill()
            line.redis.start()
        if trouble == 2:
            line.sink.says = "451 4.3.0 try again later"
            until(lambda: line.sql("SELECT count(*) FROM mail_message WHERE answer LIKE '451%%'")[0][0] > 5)
            line.let_time_pass(10)
            line.sink.says = "250 OK"
        kill_all(worker)
        kills += 1
        line.let_time_pass(4)
    line.worker(children=CHILDREN)
    line.let_time_pass(4)
    line.ask("mail.tasks.deliver_due")

    line.until_sent(mails, patience=180)

    assert line.lost == set()
    assert line.repeated <= kills * CHILDREN
