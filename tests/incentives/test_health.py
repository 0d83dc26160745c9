from datetime import timedelta

import pytest
from django.db import DatabaseError

from incentives.models import Tick
from incentives.views import health


def test_alive_asks_nobody(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"alive": True})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_tells_how_long_ago_the_clockwork_was_seen(client, now):
    assert client.get("/readyz").json() == {"ready": True, "seconds_since_last_tick": None}

    Tick.leave("beat", now=now - timedelta(seconds=60))

    assert 59 <= client.get("/readyz").json()["seconds_since_last_tick"] <= 70


@pytest.mark.django_db
def test_not_ready_without_a_database(client, monkeypatch):
    def out_of_reach():
        raise DatabaseError

    monkeypatch.setattr(health.clock, "now", out_of_reach)

    response = client.get("/readyz")
    assert (response.status_code, response.json()["ready"]) == (503, False)


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_only_reading_is_allowed(client, address):
    assert client.post(address).status_code == 405
