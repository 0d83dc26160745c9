"""The queue lost, cut off or full: mails leave all the same, each once, and no page waits for it (F06, F07)."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from dev.environment import Site
from dev.redis import LOOPBACK
from tests.journeys.another_web import another_web
from tests.journeys.calling import Caller, Page

from .services import Passage, passage, until

LOSSES = {
    "killed and empty": lambda redis: (redis.kill(), redis.start()),
    "emptied": lambda redis: redis.say("FLUSHALL"),
    "read-only": lambda redis: redis.say("CONFIG SET min-replicas-to-write 1"),
    "full": lambda redis: redis.say("CONFIG SET maxmemory 1"),
}
ENDING = ("read-only", "full")
WHOLE_AGAIN = ("CONFIG SET min-replicas-to-write 0", "CONFIG SET maxmemory 0")


def lost_under_way(line, loss: str) -> None:
    """A worker whose queue refuses to be written ends, and whoever runs it starts it again."""
    line.sink.seconds_per_mail = 0.02
    worker = line.worker()
    line.write(100)
    until(lambda: line.number("sent") > 10)

    LOSSES[loss](line.redis)
    if loss in ENDING:
        worker.wait(30)
        line.worker()
    for words in WHOLE_AGAIN:
        line.redis.say(words)
    line.ask("mail.tasks.deliver_due")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_queue_loses_no_mail_and_repeats_none(line, loss):
    lost_under_way(line, loss)

    line.until_sent(100, patience=60)
    assert line.lost == set()
    assert line.repeated == 0


@pytest.mark.parametrize("loss", ["killed and empty", "emptied"])
def test_control_without_the_sweep_what_the_queue_forgot_stays(line, loss):
    line.without("the sweep")

    lost_under_way(line, loss)

    until(lambda: "Task mail.tasks.deliver_due" in line.said)
    until(lambda: line.redis.is_idle)
    assert line.number("queued") > 0


@pytest.fixture
def silenced(line, tmp_path):
    """A caller who has seen the first page by the time that nothing comes through to Redis any more, and the way."""

    def redis() -> socket.socket:
        return socket.create_connection((LOOPBACK, line.redis.port))

    @contextmanager
    def silence() -> Iterator[tuple[Caller, Passage]]:
        site = Site(tmp_path / "data", 0, line.env)
        with passage(redis) as way:
            settings = {
                "REDIS_URL": f"redis://{LOOPBACK}:{way.port}/0",
                "PORTAL_URL": "http://localhost:{port}",
            }
            with another_web(site, tmp_path / "web.log", **settings) as web:
                caller = Caller(f"http://localhost:{web.port}")
                assert caller.get("/sign-in/").status == 200
                way.silent.set()
                yield caller, way

    return silence


def asked_for_a_new_password(caller: Caller) -> Page:
    """What is slowed down by the cache, and writes a mail, which asks the queue."""
    return caller.post("/password-reset/", {"email": "ann@partner.example"})


def test_no_page_waits_long_for_a_queue_that_says_nothing(silenced):
    """F07: Redis is a black hole."""
    with silenced() as (caller, _way):
        asked = {path: partial(caller.get, path) for path in ("/sign-in/", "/password-reset/", "/readyz")}
        asked["a reset"] = partial(asked_for_a_new_password, caller)
        for name, ask in asked.items():
            begun = time.monotonic()
            assert ask().status == 200, name
            assert time.monotonic() - begun < 3, name


@pytest.mark.parametrize("mechanism", ["the queue's time-out", "the cache's time-out"])
def test_control_without_a_time_out_a_page_waits_until_it_speaks(line, silenced, mechanism):
    line.without(mechanism)

    with silenced() as (caller, way), ThreadPoolExecutor() as people:
        answer = people.submit(asked_for_a_new_password, caller)
        with pytest.raises(TimeoutError):
            answer.result(6)
        way.silent.clear()
        assert answer.result(20).status == 200
