"""What a page does while the database or the cache does not answer (F07, F09)."""

import os
import subprocess

import pytest
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from dev import packages
from incentives import throttle
from mail import queue


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_a_database_that_is_gone_is_a_plain_page_that_passes(client, monkeypatch, error):
    def gone():
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr("incentives.views.health.clock.now", gone)
    monkeypatch.setattr("incentives.views.health.DatabaseError", KeyError)

    page = client.get("/readyz")

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "The portal is not available just now" in page.content.decode()


def test_a_mistake_of_the_portal_stays_one(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("incentives.views.health.clock.now", lambda: 1 / 0)

    assert client.get("/readyz").status_code == 500


def test_a_cache_that_does_not_answer_keeps_nobody_out_and_is_asked_once(monkeypatch):
    asked = []

    def silent(*args):
        asked.append(args)
        raise RedisError("Timeout reading from socket")

    monkeypatch.setattr(throttle.cache, "add", silent)

    assert [throttle.allows("key", tries=1) for _ in range(5)] == [True] * 5
    assert len(asked) == 1


def test_a_queue_that_does_not_answer_is_asked_once(monkeypatch):
    asked = []

    def silent(*args, **kwargs):
        asked.append(args)
        raise OSError("Timeout reading from socket")

    monkeypatch.setattr(queue.current_app, "send_task", silent)

    for _ in range(5):
        queue.hurry("mail.tasks.deliver_due")

    assert len(asked) == 1


RETRIES = """
import incentives.{}
from django.conf import settings
print(settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("max_retries"))"""


@pytest.mark.parametrize(("part", "retries"), [("wsgi", "0"), ("celery", "None")])
def test_pages_ask_a_silent_queue_once_and_workers_until_it_is_back(part, retries):
    """A worker that asked only once would end when its queue is gone for an instant (F06)."""
    started = subprocess.run(
        [packages.PYTHON, "-c", RETRIES.format(part)],
        cwd=packages.ROOT,
        env=os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert started.stdout.strip() == retries
