"""The queue lost, cut off or full: mails leave all the same, each once, and no page waits for it (F06, F07)."""

import socket
import time
from functools import partial

import pytest

from dev.environment import Site
from dev.redis import LOOPBACK
from tests.journeys.another_web import another_web
from tests.journeys.calling import Caller

from .services import passage, until

LOSSES = {
    "killed and empty": lambda redis: (redis.kill(), redis.start()),
    "emptied": lambda redis: redis.say("FLUSHALL"),
    "read-only": lambda redis: redis.say("CONFIG SET min-replicas-to-write 1"),
    "full": lambda redis: redis.say("CONFIG SET maxmemory 1"),
}
ENDING = ("read-only", "full")
WHOLE_AGAIN = ("CONFIG SET min-replicas-to-write 0", "CONFIG SET maxmemory 0")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_lost_queue_loses_no_mail_and_repeats_none(line, loss):
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

    line.until_sent(100, patience=60)
    assert line.lost == set()
    assert line.repeated == 0


def test_no_page_waits_long_for_a_queue_that_says_nothing(line, tmp_path):
    """F07: somebody asks for a new password, which writes a mail, while Redis is a black hole."""

    def redis() -> socket.socket:
        return socket.create_connection((LOOPBACK, line.redis.port))

    site = Site(tmp_path / "data", 0, line.env)
    with passage(redis) as way:
        settings = {"REDIS_URL": f"redis://{LOOPBACK}:{way.port}/0", "PORTAL_URL": "http://localhost:{port}"}
        with another_web(site, tmp_path / "web.log", **settings) as web:
            caller = Caller(f"http://localhost:{web.port}")
            assert caller.get("/sign-in/").status == 200
            way.silent.set()
            asked = {path: partial(caller.get, path) for path in ("/sign-in/", "/password-reset/", "/readyz")}
            asked["a reset"] = partial(caller.post, "/password-reset/", {"email": "ann@partner.example"})
            for name, ask in asked.items():
                begun = time.monotonic()
                assert ask().status == 200, name
                assert time.monotonic() - begun < 3, name
