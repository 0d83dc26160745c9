"""What each answer of a mail server, and each silence, means for a mail and for those behind it (F10 to F12)."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from dev.redis import free_port
from mail import delivery, outbox
from mail.models import Message, Outage, Stop
from mail.models.outages import PAUSE
from mail.server import Outcome

from .conftest import FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_the_demo")]
SECOND = timedelta(seconds=1)
LATER = timedelta(hours=2)


@pytest.fixture
def unreachable(server, settings):
    """Nobody listens where the mail server is said to be."""
    settings.EMAIL_PORT = free_port()


def post(now, to="ann@partner.example", **facts) -> None:
    outbox.post("claim_approved", to=to, now=now, **FACTS | facts)


def states() -> list[tuple[str, int]]:
    return list(Message.objects.order_by("pk").values_list("state", "attempts"))


# --- one mail is concerned ---


@pytest.mark.parametrize(
    ("command", "says", "state"),
    [
        ("RCPT", "450 4.2.0 greylisted", "queued"),
        ("RCPT", "552 5.2.2 mailbox full", "failed"),
        ("RCPT", "550 5.1.1 no such user", "failed"),
        ("MAIL", "451 4.3.0 later", "queued"),
        ("DATA", "451 4.7.1 try again", "queued"),
        ("DATA", "554 5.7.1 rejected as spam", "failed"),
    ],
)
def test_an_answer_about_one_mail_holds_up_no_other(server, message, now, command, says, state):
    server.answers[command] = says

    delivery.deliver_due(now=now)

    message.refresh_from_db()
    assert (message.state, message.attempts, message.answer) == (state, 1, says)
    assert Outage.in_force() is None


def test_of_fifty_mails_one_is_refused_and_the_rest_leave(server, now):
    for n in range(50):
        post(now, f"{n}@partner.example")
    server.answers["17@partner.example"] = "550 no such user"

    assert delivery.deliver_due(now=now) == 49
    assert delivery.deliver_due(now=now + LATER) == 0

    assert Message.objects.filter(state="failed").values_list("to", "attempts").get() == (
        "17@partner.example",
        1,
    )


def test_control_where_a_refusal_is_taken_for_a_delay_the_refused_mail_is_tried_again(
    server, message, now, monkeypatch
):
    server.answers["RCPT"] = "550 no such user"
    monkeypatch.setattr("mail.server.meaning_of", lambda error: Outcome.DEFERRED)

    delivery.deliver_due(now=now)
    delivery.deliver_due(now=now + LATER)

    assert states() == [("queued", 2)]


def test_a_mail_whose_acceptance_was_not_heard_is_sent_once_more_and_the_same(server, message, now):
    server.hangs_up_at = {"DATA"}
    delivery.deliver(message.pk, now=now)
    assert states() == [("queued", 1)]
    server.hangs_up_at = set()

    assert delivery.deliver_due(now=now + LATER) == 0
    assert states() == [("sent", 2)]

    first, second = (message_from_bytes(content, policy=default) for content in server.received)
    assert first["Message-ID"] == second["Message-ID"] == message.message_id
    assert [p.get_content() for p in first.iter_parts()] == [p.get_content() for p in second.iter_parts()]


def test_control_without_a_name_of_its_own_a_mail_that_comes_twice_is_two(server, message, now, monkeypatch):
    real = delivery.written

    def nameless(mail):
        written = real(mail)
        del written.extra_headers["Message-ID"]
        return written

    monkeypatch.setattr(delivery, "written", nameless)
    server.hangs_up_at = {"DATA"}
    delivery.deliver(message.pk, now=now)
    server.hangs_up_at = set()
    delivery.deliver_due(now=now + LATER)

    first, second = (message_from_bytes(content, policy=default) for content in server.received)
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize("end", [{"hangs_up_at": {"QUIT"}}, {"answers": {"QUIT": "421 too busy"}}])
def test_how_the_server_says_goodbye_changes_nothing(server, message, now, end):
    vars(server).update(end)

    assert delivery.deliver(message.pk, now=now) is True
    assert delivery.deliver_due(now=now + LATER) == 0

    assert len(server.received) == 1


def test_a_letter_that_cannot_be_written_fails_alone(server, message, now, monkeypatch):
    real = delivery.render
    monkeypatch.setattr(delivery, "render", lambda it: real(it) if it.pk != message.pk else 1 / 0)
    post(now)

    assert delivery.deliver_due(now=now) == 1

    message.refresh_from_db()
    assert (message.state, message.answer) == ("failed", "division by zero")


# --- many mails, one connection ---


def test_a_sweep_keeps_one_connection(server, now):
    for n in range(5):
        post(now, f"{n}@partner.example")

    assert delivery.deliver_due(now=now) == 5

    assert server.visits == 1


def test_a_connection_that_the_server_closed_meanwhile_is_opened_anew(server, now):
    for n in range(3):
        post(now, f"{n}@partner.example")
    server.hangs_up_at = {"NOOP"}

    assert delivery.deliver_due(now=now) == 3

    assert (server.visits, len(server.received)) == (3, 3)
    assert Outage.in_force() is None


# --- the server is away ---


@pytest.fixture
def offered(now, monkeypatch) -> list[str]:
    """Whose mails were offered to the server, of five that are due."""
    for n in range(5):
        post(now, f"{n}@partner.example")
    told, real = [], delivery.hand_over
    monkeypatch.setattr(
        delivery, "hand_over", lambda mail, server: (told.extend(mail.to), real(mail, server))[1]
    )
    monkeypatch.setattr("mail.clock.now", lambda: now)
    return told


@pytest.mark.usefixtures("unreachable")
def test_a_server_out_of_reach_charges_no_mail_and_is_tried_once_a_minute(offered, now):
    for seconds in (0, 0, 1, 30, 59):
        delivery.deliver_due(now=now + timedelta(seconds=seconds))
    for message in Message.objects.all():
        delivery.deliver(message.pk, now=now + SECOND)

    assert len(offered) == 1
    assert states() == [("queued", 0)] * 5
    assert "refused" in Outage.in_force().answer


@pytest.mark.usefixtures("unreachable")
def test_control_without_the_outage_every_mail_waits_for_the_server_by_itself(offered, now, monkeypatch):
    monkeypatch.setattr(delivery, "AWAY", frozenset())

    delivery.deliver_due(now=now)

    assert len(offered) == 5


def test_the_first_mail_that_is_answered_lets_the_others_go(server, settings, now, monkeypatch):
    for n in range(3):
        post(now, f"{n}@partner.example")
    Outage.note("Connection refused", now=now)
    monkeypatch.setattr("mail.clock.now", lambda: now)
    server.answers["0@partner.example"] = "550 no such user"

    assert delivery.deliver_due(now=now + PAUSE - SECOND) == 0
    assert delivery.deliver_due(now=now + PAUSE) == 2

    assert Outage.in_force() is None
    assert states() == [("failed", 1), ("sent", 1), ("sent", 1)]


@pytest.mark.parametrize(
    ("command", "says", "attempts"),
    [
        ("EHLO", "421 4.3.2 going down", 0),
        ("MAIL", "421 4.7.0 too many connections", 1),
        ("MAIL", "530 5.7.0 sign in first", 0),
        ("RCPT", "421 4.7.0 later", 1),
    ],
)
def test_an_answer_about_all_mails_ends_the_sweep(server, now, monkeypatch, command, says, attempts):
    for n in range(3):
        post(now, f"{n}@partner.example")
    monkeypatch.setattr("mail.clock.now", lambda: now)
    server.answers[command] = says

    assert delivery.deliver_due(now=now) == 0

    assert states() == [("queued", attempts), ("queued", 0), ("queued", 0)]
    assert Outage.in_force().answer == says


def test_a_mail_that_the_server_always_hangs_up_on_lets_the_others_pass(server, now, monkeypatch):
    post(now, "poison@partner.example")
    for n in range(3):
        post(now, f"{n}@partner.example")
    real = server.handle_RCPT

    async def hang_up_on_one(smtp, session, envelope, address, options):
        if address == "poison@partner.example":
            smtp.transport.abort()
        return await real(smtp, session, envelope, address, options)

    server.handle_RCPT = hang_up_on_one
    monkeypatch.setattr("mail.clock.now", lambda: now)

    delivery.deliver_due(now=now)
    delivery.deliver_due(now=now + PAUSE)

    assert states() == [("queued", 2)] + [("sent", 1)] * 3 or states() == [("queued", 1)] + [("sent", 1)] * 3


@pytest.mark.usefixtures("unreachable")
def test_a_server_that_stays_away_for_three_days_ends_the_mail(message, now, monkeypatch):
    Message.objects.update(created_at=now - timedelta(hours=72))
    monkeypatch.setattr("mail.clock.now", lambda: now)

    delivery.deliver(message.pk, now=now)

    assert Message.objects.get().state == "failed"


def test_while_delivery_is_stopped_the_server_is_not_tried(server, message, now):
    Outage.note("Connection refused", now=now)
    Stop.begin(by="Ines", reason="", now=now)

    assert delivery.deliver_due(now=now + LATER) == 0

    assert server.visits == 0
    assert Outage.in_force() is not None


def test_a_mail_that_is_held_up_past_its_lease_is_left_to_the_next(server, message, now, monkeypatch):
    """What a worker does that was frozen between taking a mail and handing it over (F04)."""
    real = delivery.written

    def frozen(taken):
        Message.objects.update(state="queued", lease_until=None)
        assert delivery.deliver(taken.pk, now=now + delivery.LEASE) is True
        return real(taken)

    monkeypatch.setattr(delivery, "written", lambda it: (monkeypatch.undo(), frozen(it))[1])

    assert delivery.deliver(message.pk, now=now) is False

    assert len(server.received) == 1
    assert states() == [("sent", 2)]


def test_what_a_worker_died_over_leaves_as_soon_as_its_task_comes_again(server, message, now):
    post(now, "other@partner.example")
    Message.objects.filter(pk=message.pk).update(
        state="sending", lease_until=now + delivery.LEASE, taken_by="task 1"
    )
    Message.objects.exclude(pk=message.pk).update(
        state="sending", lease_until=now + delivery.LEASE, taken_by="task 2"
    )

    assert delivery.take_back("task 1", now=now) == 1

    assert delivery.deliver(message.pk, now=now, holder="task 1") is True
    assert states() == [("sent", 1), ("sending", 0)]
