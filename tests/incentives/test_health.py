from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from incentives import clockwork
from incentives.models import Tick
from incentives.views import health
from mail import outbox


@pytest.fixture
def long_begun(db, now):
    Tick.leave("beginning", now=now - timedelta(days=1))


def test_alive_asks_nobody(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"alive": True})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.usefixtures("long_begun")
def test_ready_tells_how_long_ago_beat_and_worker_were_seen(client, now):
    assert client.get("/readyz").json() == {
        "ready": True,
        "seconds_since": {"beat": None, "worker": None},
        "late": ["beat", "worker"],
    }

    Tick.leave("beat", now=now - timedelta(seconds=60))
    Tick.leave("worker", now=now - timedelta(minutes=6))

    said = client.get("/readyz").json()
    assert 59 <= said["seconds_since"]["beat"] <= 70
    assert said["late"] == ["worker"]


@pytest.mark.usefixtures("long_begun")
def test_mail_that_is_due_for_too_long_is_late(client, now):
    for name in ("beat", "worker"):
        Tick.leave(name, now=now)
    outbox.post("password_changed", to="ann@partner.example", now=now - timedelta(minutes=4), person="Ann")
    assert client.get("/readyz").json()["late"] == []

    outbox.post("password_changed", to="ann@partner.example", now=now - timedelta(minutes=6), person="Ann")
    assert client.get("/readyz").json()["late"] == ["mail"]


@pytest.mark.django_db
def test_nothing_that_has_just_begun_is_late(client, now):
    Tick.leave("beginning", now=now - timedelta(minutes=4))
    outbox.post("password_changed", to="ann@partner.example", now=now - timedelta(days=9), person="Ann")
    assert client.get("/readyz").json()["late"] == []

    Tick.leave("beginning", now=now - timedelta(minutes=6))
    assert client.get("/readyz").json()["late"] == ["beat", "worker", "mail"]


@pytest.mark.usefixtures("long_begun")
def test_after_a_long_silence_everything_begins_anew_and_after_a_short_one_it_does_not(monkeypatch, now):
    monkeypatch.setattr("incentives.clockwork.connection.close", lambda: None)
    Tick.leave("beat", now=now - timedelta(minutes=4))
    clockwork.leave_tick()
    assert clockwork.late(now=now) == ["worker"]

    Tick.leave("beat", now=now - timedelta(days=3))
    clockwork.leave_tick()
    assert clockwork.late(now=now) == []


@pytest.mark.usefixtures("long_begun")
def test_each_process_has_a_check_of_its_own(now, capsys):
    Tick.leave("beat", now=now)
    Tick.leave("worker", now=now - timedelta(minutes=6))

    call_command("check_work", "beat")
    assert capsys.readouterr().out.startswith("beat was seen ")
    with pytest.raises(CommandError, match=r"Late: worker\."):
        call_command("check_work")


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
