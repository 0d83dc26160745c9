"""A mail that a server refused for good gives back its right to leave; one that may have arrived does not (BEY-7)."""

from datetime import timedelta

import pytest

from mail import delivery, outbox
from mail.models import Link, Message, Outage, SendCap
from mail.server import Answer, Outcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]
KIND, CLAIM = "consent_request", 3000001
FACTS = {"contact": "Susie", "engagement": "Workshop", "partner": "FridayINC", "deadline": ""}
HOUR = timedelta(hours=1)


def send(now) -> Message:
    assert SendCap.take(KIND, CLAIM, now=now)
    link = Link.mint("consent", CLAIM, address="susie@customer.example", now=now)
    outbox.post(KIND, to=link.address, now=now, about=CLAIM, link=link, **FACTS)
    return Message.objects.latest("pk")


def free(now) -> bool:
    return SendCap.next_possible(KIND, CLAIM, now=now) is None


def deliver(message, now) -> str:
    delivery.deliver(message.pk, now=now)
    return Message.objects.values_list("state", flat=True).get(pk=message.pk)


@pytest.mark.parametrize(
    ("says", "state", "given_back"),
    [("550 no such user", "failed", True), ("451 later", "queued", False), ("250 OK", "sent", False)],
)
def test_only_what_was_refused_for_good_gives_its_right_back(server, now, says, state, given_back):
    server.says = says

    assert deliver(send(now), now) == state

    assert free(now) is given_back


def test_a_deferred_mail_that_is_refused_at_last_gives_it_back(server, now):
    server.says = "451 later"
    message = send(now)
    deliver(message, now)
    server.says = "550 no such user"

    assert deliver(message, now + HOUR) == "failed"

    assert free(now + HOUR)


def test_a_mail_that_may_have_arrived_before_keeps_the_right(server, now):
    message = send(now)
    server.hangs_up_at = {"DATA"}
    assert deliver(message, now) == "queued"
    server.hangs_up_at, server.says = set(), "550 no such user"
    Outage.end()

    assert deliver(message, now + HOUR) == "failed"

    assert not free(now + HOUR)


@pytest.mark.parametrize("command", ["EHLO", "RCPT"])
def test_a_server_that_is_busy_took_nothing(server, now, command):
    message = send(now)
    server.answers[command] = "421 too busy"
    assert deliver(message, now) == "queued"
    server.answers.clear()
    server.says = "550 no such user"
    Outage.end()

    assert deliver(message, now + HOUR) == "failed"

    assert free(now + HOUR)


def test_a_mail_that_was_put_off_keeps_the_next_one_back_from_when_it_left(server, now, monkeypatch):
    """24 hours lie between two mails that arrive, not between two clicks."""
    message = send(now)
    server.says = "451 later"
    deliver(message, now)
    server.says = "250 OK"
    left = now + 20 * HOUR
    monkeypatch.setattr("mail.clock.now", lambda: left)

    assert deliver(message, left) == "sent"

    assert SendCap.next_possible(KIND, CLAIM, now=left) == left + 24 * HOUR


def test_what_a_dead_worker_left_may_have_arrived(server, now):
    message = send(now)
    Message.objects.update(state="sending", lease_until=now, attempts=1)
    server.says = "550 no such user"

    delivery.deliver_due(now=now)

    assert (Message.objects.get(pk=message.pk).state, free(now)) == ("failed", False)


def test_who_took_the_mail_after_the_lease_settles_it(server, now, monkeypatch):
    """A worker that slept through its lease says nothing of what the next one is doing."""
    message = send(now)

    def next_worker_takes_it(mail, server):
        Message.objects.update(attempts=2, lease_until=now + 2 * delivery.LEASE)
        return Answer(Outcome.REFUSED, "550 no such user")

    monkeypatch.setattr(delivery, "hand_over", next_worker_takes_it)

    assert deliver(message, now) == "sending"


def test_a_right_that_was_taken_anew_is_not_given_back_by_an_older_mail(server, now):
    older = send(now - 25 * HOUR)
    send(now)
    server.says = "550 no such user"

    deliver(older, now)

    assert not free(now)


def test_tried_again_it_takes_the_right_again(server, now):
    server.says = "550 no such user"
    message = send(now)
    deliver(message, now)

    assert delivery.try_again(Message.objects.all(), now=now + HOUR) == 1

    assert SendCap.next_possible(KIND, CLAIM, now=now + HOUR) == now + 25 * HOUR
    assert deliver(message, now + HOUR) == "failed"
    assert free(now + HOUR)


def test_tried_again_after_another_has_left_it_stays_failed(server, now):
    server.says = "550 no such user"
    message = send(now)
    deliver(message, now)
    assert SendCap.take(KIND, CLAIM, now=now + HOUR)

    assert delivery.try_again(Message.objects.all(), now=now + 2 * HOUR) == 0

    assert Message.objects.get().state == "failed"


def test_tried_again_under_a_right_that_it_never_gave_back(server, now, monkeypatch):
    """What may have arrived is the same mail, under the same Message-ID."""
    message = send(now)
    Message.objects.update(state="failed", attempts=2, refusals=1)

    assert delivery.try_again(Message.objects.all(), now=now + HOUR) == 1
    assert deliver(message, now + HOUR) == "sent"


def test_a_mail_without_a_cap_is_tried_again_as_ever(server, message, now):
    Message.objects.update(state="failed", attempts=1)

    assert delivery.try_again(Message.objects.all(), now=now) == 1
    assert not SendCap.objects.exists()


def test_a_mail_that_waits_while_a_newer_one_replaces_its_link_leaves_no_more(server, now):
    older = send(now - 25 * HOUR)
    Message.objects.update(attempts=3, answer="451 later")
    newer = send(now)

    delivery.deliver_due(now=now)

    assert len(server.received) == 1
    assert Message.objects.get(pk=newer.pk).state == "sent"
    assert Message.objects.values_list("state", "answer").get(pk=older.pk) == (
        "failed",
        delivery.REPLACED.words,
    )
