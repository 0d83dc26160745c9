"""Delivery stopped, and mails tried again, under workers that are at it; controls without the mechanism."""

import time
from collections.abc import Iterator
from functools import partial
from threading import Lock

import pytest

from incentives import postmaster
from incentives.models import AuditEntry
from mail import delivery, outbox
from mail.models import Message, Stop
from mail.models.messages import MessageQuerySet
from mail.server import Answer, Outcome
from tests.factories import StaffFactory
from tests.journeys.post import PostOffice
from tests.mail.conftest import FACTS
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
LETTERS, WORKERS, MANY = 60, 4, 1000


@pytest.fixture
def letters(now):
    for n in range(LETTERS):
        outbox.post("claim_approved", to=f"{n}@partner.example", now=now, **FACTS)


@pytest.fixture
def handed_over(monkeypatch):
    """What was handed over to a mail server that takes its time."""
    taken, lock = [], Lock()

    def hand_over(mail, server):
        with lock:
            taken.append(mail.extra_headers["Message-ID"])
        time.sleep(0.02)
        return Answer(Outcome.ACCEPTED, "250 OK")

    monkeypatch.setattr(delivery, "hand_over", hand_over)
    return taken


def taken() -> int:
    return Message.objects.exclude(attempts=0).count()


def stopped_under_way(now) -> int:
    """Stop delivery while the workers sweep; gives how many were taken by the time that it stood."""
    deadline = time.monotonic() + 30
    while taken() < WORKERS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert Stop.begin(by="Ines", reason="", now=now)
    return taken()


def swept_and_stopped(now) -> tuple[int, int]:
    *_sent, before = at_once(
        *[partial(delivery.deliver_due, now=now)] * WORKERS, partial(stopped_under_way, now)
    )
    return before, taken()


def test_once_delivery_stands_no_worker_takes_another_mail(letters, handed_over, now):
    before, after = swept_and_stopped(now)

    # Each worker may just have been taking one.
    assert 0 < after <= before + WORKERS < LETTERS
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1), ("queued", 0)}

    delivery.go_on()
    at_once(*[partial(delivery.deliver_due, now=now)] * WORKERS)
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert sorted(handed_over) == sorted(Message.objects.values_list("message_id", flat=True))


def test_control_asked_before_and_not_by_the_statement_that_takes_workers_go_on(
    letters, handed_over, now, monkeypatch
):
    def due(messages, now, probing=False):
        found = messages.filter(state="queued", next_attempt_at__lte=now)
        return messages.none() if stood else found

    stood = Stop.objects.exists()
    monkeypatch.setattr(MessageQuerySet, "due", due)

    _before, after = swept_and_stopped(now)

    assert after == LETTERS


def drain(now) -> None:
    """What a worker does whenever beat wakes it, until there is nothing left."""
    while Message.objects.due(now).exists():
        delivery.deliver_due(now=now)


@pytest.fixture
def sink(settings) -> Iterator[PostOffice]:
    """A mail server that takes everything and keeps it."""
    office = PostOffice()
    office.controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_URL = "django.core.mail.backends.smtp.EmailBackend", office.url
    settings.EMAIL_HOST, settings.EMAIL_PORT = office.controller.hostname, office.controller.port
    yield office
    office.controller.stop()


@pytest.mark.faults
def test_four_workers_drain_a_thousand_mails_into_a_mail_server_each_once(sink, now):
    """R10."""
    for n in range(MANY):
        outbox.post("claim_approved", to=f"{n}@partner.example", now=now, **FACTS)

    at_once(*[partial(drain, now)] * WORKERS)

    ids = [letter.headers["Message-ID"] for letter in sink.letters]
    assert sorted(ids) == sorted(Message.objects.values_list("message_id", flat=True))
    assert len(set(ids)) == len({letter.to for letter in sink.letters}) == MANY
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_control_taken_whoever_has_it_mails_leave_twice(letters, handed_over, now, monkeypatch):
    def due(messages, now, probing=False):
        return messages.filter(state__in=["queued", "sending"], next_attempt_at__lte=now)

    monkeypatch.setattr(MessageQuerySet, "due", due)

    at_once(*[partial(drain, now)] * WORKERS)

    assert len(handed_over) > len(set(handed_over)) == LETTERS


def test_of_twelve_who_stop_it_one_does(now):
    people = [StaffFactory(vendor_role="support") for _ in range(12)]

    results = at_once(*[partial(postmaster.stop, by=by, reason="Wait.", now=now) for by in people])

    assert (won(results).count(True), results.count(False)) == (1, 11)
    assert AuditEntry.objects.filter(action="mail_stopped").count() == 1


def test_of_twelve_who_let_it_go_on_one_does(now):
    people = [StaffFactory(vendor_role="support") for _ in range(12)]
    Stop.begin(by="Ines", reason="", now=now)

    results = at_once(*[partial(postmaster.go_on, by=by, now=now) for by in people])

    assert (won(results).count(True), results.count(False)) == (1, 11)
    assert AuditEntry.objects.filter(action="mail_goes_on").count() == 1


def clicked_beside_workers(now) -> list[object]:
    """Twelve people have one failed mail tried again while workers take whatever is due."""
    outbox.post("claim_approved", to="ann@partner.example", now=now, **FACTS)
    Message.objects.update(state="failed", attempts=1)
    message, owner = Message.objects.get(), StaffFactory(vendor_role="owner")
    click = partial(postmaster.try_again, message, by=owner, now=now)
    results = at_once(*[click] * 12, *[partial(delivery.deliver_due, now=now)] * WORKERS)
    delivery.deliver_due(now=now)
    return results


def test_a_mail_tried_again_by_twelve_leaves_once(handed_over, now):
    results = clicked_beside_workers(now)

    assert results[:12].count(True) == 1
    assert AuditEntry.objects.filter(action="mail_retried").count() == 1
    assert len(handed_over) == 1
    assert Message.objects.values_list("state", "attempts").get() == ("sent", 2)


def test_control_without_the_state_in_the_update_every_click_counts(handed_over, now, monkeypatch):
    monkeypatch.setattr(MessageQuerySet, "retriable", lambda messages, now: messages)

    results = clicked_beside_workers(now)

    assert results[:12].count(True) > 1
