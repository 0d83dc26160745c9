"""The queue is stopped and goes on, failed mails are tried again: nothing is lost, nothing leaves twice (BEY-7)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import IntegrityError, transaction

from mail import delivery, outbox, tasks
from mail.models import Link, Message, Stop
from mail.server import Answer, Outcome

from .conftest import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]
HOUR = timedelta(hours=1)


def stop(now) -> bool:
    return Stop.begin(by="Ines", reason="The provider asks us to wait.", now=now)


def fail(message, answer="550 no such user") -> Message:
    Message.objects.filter(pk=message.pk).update(state="failed", attempts=1, answer=answer)
    return Message.objects.get(pk=message.pk)


def try_again(message, now) -> int:
    return delivery.try_again(Message.objects.filter(pk=message.pk), now=now)


# --- stopped ---


def test_while_delivery_is_stopped_neither_the_sweep_nor_a_single_delivery_takes_anything(
    server, message, now
):
    stop(now)
    outbox.post("claim_rejected", to="ann@partner.example", now=now, **FACTS)

    assert delivery.deliver(message.pk, now=now) is False
    assert delivery.deliver_due(now=now + HOUR) == 0

    assert set(Message.objects.values_list("state", "attempts", "next_attempt_at")) == {("queued", 0, now)}
    assert server.received == []


def test_once_it_goes_on_everything_leaves_once(
    server, message, now, django_capture_on_commit_callbacks, monkeypatch
):
    stop(now)
    outbox.post("claim_rejected", to="ann@partner.example", now=now, **FACTS)
    asked = []
    monkeypatch.setattr("mail.queue.hurry", lambda task, *args: asked.append(task))

    with django_capture_on_commit_callbacks(execute=True):
        assert delivery.go_on() is True

    assert asked == ["mail.tasks.deliver_due"]
    assert delivery.deliver_due(now=now) == 2
    assert delivery.deliver_due(now=now + HOUR) == 0
    assert len(server.received) == 2


def test_a_sweep_that_is_stopped_finishes_what_is_in_flight_and_takes_no_other(now, monkeypatch):
    for n in range(5):
        outbox.post("claim_approved", to=f"{n}@partner.example", now=now, **FACTS)
    handed_over = []

    def hand_over(mail, server):
        handed_over.append(mail.to)
        if len(handed_over) == 2:
            stop(now)
        return Answer(Outcome.ACCEPTED, "250 OK")

    monkeypatch.setattr(delivery, "hand_over", hand_over)

    assert delivery.deliver_due(now=now) == 2
    assert sorted(Message.objects.values_list("state", "attempts")) == [("queued", 0)] * 3 + [("sent", 1)] * 2

    delivery.go_on()
    assert delivery.deliver_due(now=now) == 3
    assert len(handed_over) == len({to for (to,) in handed_over})


def test_what_fails_for_now_while_delivery_is_stopped_waits_like_the_rest(server, message, now, monkeypatch):
    server.says = "451 try later"
    real = delivery.hand_over
    monkeypatch.setattr(delivery, "hand_over", lambda *given: (stop(now), real(*given))[1])

    delivery.deliver(message.pk, now=now)

    assert Message.objects.get().state == "queued"
    assert delivery.deliver_due(now=now + 9 * HOUR) == 0


def test_what_a_dead_worker_left_is_taken_back_and_waits(message, now):
    Message.objects.update(state="sending", lease_until=now, attempts=1)
    stop(now)

    assert delivery.deliver_due(now=now) == 0

    assert Message.objects.values_list("state", "attempts").get() == ("queued", 1)


def test_the_first_reason_stays_and_going_on_twice_is_once(now):
    assert stop(now) is True
    assert Stop.begin(by="Paul", reason="Another", now=now + HOUR) is False
    assert Stop.objects.values_list("by", "reason", "at").get() == (
        "Ines",
        "The provider asks us to wait.",
        now,
    )
    assert (delivery.go_on(), delivery.go_on()) == (True, False)


def test_the_database_keeps_one_stop(now):
    with pytest.raises(IntegrityError, match="delivery_is_stopped_once"), transaction.atomic():
        Stop.objects.create(pk=2, by="Ines", at=now)


@pytest.mark.parametrize(("letters", "again"), [(4, ["mail.tasks.deliver_due"]), (3, [])])
def test_a_batch_that_leaves_some_is_followed_by_the_next_at_once(server, now, monkeypatch, letters, again):
    asked = []
    monkeypatch.setattr(delivery, "BATCH", 3)
    monkeypatch.setattr("mail.queue.hurry", lambda task, *args: asked.append(task))
    for n in range(letters):
        outbox.post("claim_approved", to=f"{n}@partner.example", now=now - HOUR, **FACTS)

    tasks.deliver_due()

    assert asked == again


# --- tried again ---


def test_a_failed_mail_is_tried_again_at_once_under_the_same_message_id(server, message, now):
    fail(message)

    assert try_again(message, now + HOUR) == 1
    assert delivery.deliver_due(now=now + HOUR) == 1

    sent = Message.objects.get()
    assert (sent.state, sent.attempts, sent.retried_at) == ("sent", 2, now + HOUR)
    assert f"Message-ID: {message.message_id}".encode() in server.received[0]


def test_it_has_another_72_hours(server, message, now, monkeypatch):
    Message.objects.update(created_at=now - timedelta(hours=100))
    monkeypatch.setattr("mail.clock.now", lambda: now)
    server.says = "451 try later"
    fail(message)
    try_again(message, now)

    delivery.deliver(message.pk, now=now)
    assert Message.objects.get().state == "queued"

    monkeypatch.setattr("mail.clock.now", lambda: now + timedelta(hours=72))
    delivery.deliver_due(now=now + timedelta(hours=72))
    assert Message.objects.get().state == "failed"


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_only_what_failed_is_tried_again(message, now, state):
    Message.objects.update(state=state)

    assert try_again(message, now + HOUR) == 0

    assert Message.objects.values_list("state", "next_attempt_at").get() == (state, now)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"used_at": True},
        {"revoked_at": True},
        {"expires_at": timedelta(0)},
        {"expires_at": HOUR},
        {"expires_at": -HOUR, "used_at": True},
    ],
)
def test_a_mail_whose_link_opens_nothing_stays_failed(message, now, facts):
    link = Link.mint("consent", 3000001, address=message.to, now=now - 9 * HOUR)
    Link.objects.update(**{name: now if value is True else now + value for name, value in facts.items()})
    Message.objects.update(link=link)
    fail(message)
    link.refresh_from_db()

    assert try_again(message, now) == (0 if link.cause_of_death(now) else 1)
    assert [bool(link.cause_of_death(now))] == [Link.dead(now).exists()]


# --- what the list asks the database for ---


def test_every_kind_of_letter_has_a_name():
    letters = {
        path.name.partition(".")[0] for path in Path(project.BASE_DIR, "templates/mail").glob("*.subject.txt")
    }

    assert set(Message.Kind.values) == letters


@pytest.mark.parametrize(
    ("words", "found"),
    [("PRIYA@", 1), ("priya@partner.example", 1), ("riya", 0), ("%", 0), ("p_iya", 0)],
)
def test_an_address_is_found_by_its_beginning(message, words, found):
    assert Message.objects.to_address(words).count() == found
