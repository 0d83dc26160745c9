"""Whose mail leaves first, and how fast to one domain: a flood of one company keeps no other waiting (P07)."""

from datetime import timedelta

import pytest

from mail import delivery, outbox
from mail.models import Message, Pace

from .conftest import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]
MINUTE = timedelta(minutes=1)


def post(now, to, company=0) -> None:
    outbox.post("claim_approved", to=to, now=now, on_behalf_of=company, **FACTS)


def test_companies_take_turns(server, now):
    for n in range(4):
        post(now, f"a{n}@customer.example", company=1)
    post(now + MINUTE, "b@customer.example", company=2)
    post(now + MINUTE, "nobodys@customer.example")

    due = Message.objects.due(now + MINUTE).in_turn().values_list("to", flat=True)

    names = [address.partition("@")[0] for address in due]
    assert names == ["a0", "b", "nobodys", "a1", "a2", "a3"]


def test_a_domain_is_given_a_minutes_worth_at_once_and_then_one_after_another(now):
    slots = [Pace.slot("customer.example", per_minute=3, now=now) for _ in range(6)]

    waits = [round((slot - now).total_seconds()) for slot in slots]
    assert [max(wait, 0) for wait in waits] == [0, 0, 0, 0, 20, 40]
    assert Pace.slot("other.example", per_minute=3, now=now) <= now
    assert Pace.slot("customer.example", per_minute=3, now=now + timedelta(hours=1)) <= now + timedelta(
        hours=1
    )


def test_a_flood_to_one_domain_is_slowed_and_each_mail_leaves_at_its_turn(server, settings, now, monkeypatch):
    settings.MAILS_PER_MINUTE_AND_DOMAIN = 3
    monkeypatch.setattr("mail.clock.now", lambda: now)
    for n in range(6):
        post(now, f"{n}@Customer.example")
    post(now, "somebody@elsewhere.example")

    assert delivery.deliver_due(now=now) == 5
    assert delivery.deliver_due(now=now + timedelta(seconds=19)) == 0
    assert delivery.deliver_due(now=now + timedelta(seconds=20)) == 1
    assert delivery.deliver_due(now=now + timedelta(seconds=40)) == 1

    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_without_a_limit_no_turn_is_given(server, settings, message, now):
    settings.MAILS_PER_MINUTE_AND_DOMAIN = 0

    delivery.deliver_due(now=now)

    assert not Pace.objects.exists()
