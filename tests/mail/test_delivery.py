"""Delivery to a real mail server that accepts, defers, refuses or is not there."""

from datetime import timedelta

import pytest

from mail import clock, delivery, outbox
from mail.models import Link, Message

from .conftest import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]


def test_an_accepted_mail_is_sent_once_with_its_message_id(server, message, now):
    assert delivery.deliver(message.pk, now=now) is True
    assert delivery.deliver(message.pk, now=now) is False
    (content,) = server.received
    assert f"Message-ID: {message.message_id}".encode() in content
    assert b"Auto-Submitted: auto-generated" in content
    assert b"text/plain" in content
    assert b"text/html" in content
    message.refresh_from_db()
    assert (message.state, message.attempts, message.answer) == ("sent", 1, "250 OK")


def test_a_deferred_mail_is_tried_again_later_under_the_same_message_id(server, message, now):
    server.says = "451 try later"
    assert delivery.deliver(message.pk, now=now) is False
    message.refresh_from_db()
    assert message.state == "queued"
    assert "451" in message.answer
    assert message.next_attempt_at > now
    server.says = "250 OK"
    assert delivery.deliver_due(now=now) == 0
    assert delivery.deliver_due(now=message.next_attempt_at) == 1
    assert f"Message-ID: {message.message_id}".encode() in server.received[0]


def test_a_refused_mail_fails_with_the_servers_words_and_blocks_nobody(server, message, now):
    server.says = "550 no such user"
    delivery.deliver(message.pk, now=now)
    message.refresh_from_db()
    assert (message.state, "550" in message.answer) == ("failed", True)
    server.says = "250 OK"
    outbox.post("claim_approved", to="next@partner.example", now=now, about=3000001, **FACTS)
    assert delivery.deliver_due(now=now + timedelta(days=1)) == 1


def test_a_server_that_quotes_the_link_it_refuses_gives_no_key_away(server, now):
    link = Link.mint("consent", 3000001, address="susie@customer.example", now=now)
    facts = {"contact": "Susie", "engagement": "Workshop", "partner": "FridayINC", "deadline": ""}
    outbox.post("consent_request", to=link.address, now=now, link=link, **facts)
    server.says = f"550 5.7.1 blocked: <{link.url}>"

    delivery.deliver_due(now=now)

    message = Message.objects.get()
    assert message.state == "failed"
    assert message.answer == f"550 5.7.1 blocked: <{link.url.replace(link.url.split('/')[-2], '[link]')}>"


@pytest.mark.parametrize("attempts", [1, 2, 7, 50])
def test_a_deferred_mail_is_tried_sooner_at_first_and_then_each_hour(message, now, attempts):
    message.attempts = attempts

    minutes = (message.retry_at(now) - now) / timedelta(minutes=1)

    assert minutes == {1: 1, 2: 2, 7: 60, 50: 60}[attempts]


def test_after_three_days_a_deferred_mail_fails(server, message, now):
    server.says = "451 try later"
    Message.objects.update(created_at=clock.now() - timedelta(hours=72))

    delivery.deliver(message.pk, now=now)

    assert Message.objects.values_list("state", "answer").get() == ("failed", "451 try later")


def test_what_a_dead_worker_left_in_flight_is_sent_by_the_sweep(server, message, now):
    Message.objects.update(state="sending", lease_until=now + delivery.LEASE)
    assert delivery.deliver_due(now=now + delivery.LEASE - timedelta(seconds=1)) == 0
    assert delivery.deliver_due(now=now + delivery.LEASE) == 1


def test_one_dedupe_key_is_one_mail(now):
    for _ in range(3):
        outbox.post("claim_approved", to="a@partner.example", now=now, dedupe_key="once", **FACTS)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "name", ["Evil\r\nBcc: everybody@example.com", "Evil\nX-Injected: yes", "Evil\u2028Subject: x"]
)
def test_a_name_with_line_breaks_adds_no_header(server, now, name):
    outbox.post("claim_rejected", to="a@partner.example", now=now, **FACTS | {"engagement": name})
    delivery.deliver_due(now=now)
    (content,) = server.received
    head = content.split(b"\r\n\r\n", 1)[0]
    assert b"\r\nBcc:" not in head
    assert b"\r\nX-Injected:" not in head
    assert head.count(b"\r\nSubject:") == 1


def test_a_mail_of_a_transaction_that_rolls_back_never_existed(now):
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic():
        outbox.post("claim_approved", to="a@partner.example", now=now, **FACTS)
        raise RuntimeError
    assert Message.objects.count() == 0
