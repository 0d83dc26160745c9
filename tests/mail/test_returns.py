"""Mails that come back: what servers write, what else lies in the mailbox, and one that cannot be read (L17)."""

import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mail import delivery, outbox, postboxes, returns, tasks
from mail.models import Link, Message, SendCap
from mail.postboxes import Maildir, Unreachable
from mail.returns import Outcome

from .conftest import FACTS
from .imap import imap

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parent / "returned"
USER_UNKNOWN = "User unknown in virtual mailbox table"
FAILED = {
    "postfix_failed": f"550 5.1.1 <priya@partner.example>: Recipient address rejected: {USER_UNKNOWN}",
    "exchange_failed": (
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient priya@partner.example not found by SMTP address lookup"
    ),
    "gmail_failed": (
        "550-5.1.1 The email account that you tried to reach does not exist. 550 5.1.1"
        " https://support.google.com/mail/?p=NoSuchUser 5b1f17b1804b1-40b361 - gsmtp"
    ),
    "exim_failed": "550 Unrouteable address: a message that you sent could not be delivered.",
}
DAY = timedelta(hours=24)
DELAYED = "connect to mx.customer.example[192.0.2.7]:25: Connection timed out"


@pytest.fixture
def sent(message, now) -> Message:
    Message.objects.update(state="sent", sent_at=now, attempts=1, answer="250 accepted")
    return Message.objects.get()


def sample(name: str, message: Message, to: str = "") -> bytes:
    text = (SAMPLES / f"{name}.eml").read_text()
    return text.replace("ADDRESS", to or message.to).replace("MESSAGE-ID", message.message_id).encode()


def became() -> tuple[str, bool, str]:
    message = Message.objects.get()
    return message.state, message.bounced_at is not None, message.answer


@pytest.fixture
def maildir(tmp_path, settings) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    settings.BOUNCES_URL = f"maildir://{tmp_path / 'box'}"
    return tmp_path / "box"


def lies(maildir: Path) -> dict[str, list[str]]:
    return {part: sorted(file.name for file in (maildir / part).iterdir()) for part in ("new", "cur")}


# --- what servers write ---


@pytest.mark.parametrize("name", FAILED)
def test_a_mail_that_came_back_has_failed_with_the_words_of_whoever_refused_it(sent, now, name):
    assert returns.understand(sample(name, sent), now=now) == Outcome.RETURNED

    assert became() == ("failed", True, FAILED[name])


def test_a_mail_that_is_put_off_keeps_its_state_and_tells_why(sent, now):
    assert returns.understand(sample("postfix_delayed", sent), now=now) == Outcome.PUT_OFF

    assert became() == ("sent", False, DELAYED)


@pytest.mark.parametrize("name", [*FAILED, "postfix_delayed"])
def test_told_twice_it_changes_nothing(sent, now, name):
    returns.understand(sample(name, sent), now=now)
    before = Message.objects.values().get()

    assert returns.understand(sample(name, sent), now=now.replace(year=2030)) == Outcome.KNOWN

    assert Message.objects.values().get() == before


def test_the_address_counts_without_regard_to_capitals(sent, now):
    raw = sample("postfix_failed", sent, to="Priya@PARTNER.example")

    assert returns.understand(raw, now=now) == Outcome.RETURNED


def test_a_link_that_is_quoted_gives_no_key_away(sent, now):
    raw = sample("exim_failed", sent).replace(
        b"Unrouteable", b"blocked https://x.example/consent/" + b"0a" * 16
    )

    returns.understand(raw, now=now)

    assert "/consent/[link] address" in Message.objects.get().answer


# --- what is believed ---


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 1000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <\x00>\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" * 3000,
        b"Subject: " + b"x" * 500_000,
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_what_is_no_notification_is_put_aside(sent, now, raw):
    assert returns.understand(raw, now=now) == Outcome.STRANGE
    assert became() == ("sent", False, "250 accepted")


def test_an_answer_of_a_person_is_no_notification(sent, now):
    assert returns.understand(sample("out_of_office", sent), now=now) == Outcome.STRANGE


def test_who_does_not_know_the_message_id_or_names_another_address_changes_nothing(sent, now):
    wrong_id = sample("postfix_failed", sent).replace(sent.message_id.encode(), b"<guessed@portal.example>")

    assert returns.understand(wrong_id, now=now) == Outcome.STRANGE
    assert returns.understand(sample("postfix_failed", sent, to="x@y.example"), now=now) == Outcome.STRANGE
    assert became() == ("sent", False, "250 accepted")


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_notification_that_is_faster_than_our_own_note_is_read_again(sent, now, state):
    Message.objects.update(state=state)

    assert returns.understand(sample("postfix_failed", sent), now=now) == Outcome.EARLY

    Message.objects.update(state="sent")
    assert returns.understand(sample("postfix_failed", sent), now=now) == Outcome.RETURNED


def test_a_mail_that_left_gives_nothing_back_and_is_not_tried_again_within_24_hours(now):
    SendCap.take("consent_request", 3000001, now=now)
    link = Link.mint("consent", 3000001, address="priya@partner.example", now=now)
    outbox.post(
        "consent_request", to=link.address, now=now, about=3000001, link=link, **FACTS | {"contact": ""}
    )
    Message.objects.update(state="sent", sent_at=now, attempts=1)
    returns.understand(sample("postfix_failed", Message.objects.get()), now=now)

    assert SendCap.next_possible("consent_request", 3000001, now=now) == now + DAY
    assert delivery.try_again(Message.objects.all(), now=now) == 0
    assert delivery.try_again(Message.objects.all(), now=now + DAY) == 1
    assert became()[:2] == ("queued", False)


# --- the mailbox ---


def test_a_maildir_is_read_once_and_what_nobody_understood_is_flagged(sent, maildir, now):
    (maildir / "new" / "1.a").write_bytes(b"Subject: lottery\r\n\r\nYou have won.")
    (maildir / "new" / "2.b").write_bytes(sample("gmail_failed", sent))
    (maildir / "new" / "3.c").mkdir()

    assert returns.read_postbox(now=now) == {Outcome.STRANGE: 1, Outcome.RETURNED: 1}

    assert lies(maildir) == {"new": ["3.c"], "cur": ["1.a:2,FS", "2.b:2,S"]}
    assert returns.read_postbox(now=now) == {}


def test_what_comes_too_early_stays_unread(sent, maildir, now):
    Message.objects.update(state="sending")
    (maildir / "new" / "1.a").write_bytes(sample("gmail_failed", sent))

    assert returns.read_postbox(now=now) == {Outcome.EARLY: 1}
    assert lies(maildir)["new"] == ["1.a"]


def test_two_readers_of_one_maildir_are_not_in_each_others_way(sent, maildir, now):
    (maildir / "new" / "1.a").write_bytes(sample("gmail_failed", sent))
    first, second = Maildir(maildir), Maildir(maildir)

    assert returns.read(first, now=now) == {Outcome.RETURNED: 1}
    assert returns.read(second, now=now) == {}
    second.put_away("1.a", understood=True)


def test_over_imap_the_same(sent, settings, now):
    mails = [b"Subject: lottery\r\n\r\nYou have won.", sample("exchange_failed", sent)]
    with imap(mails) as server:
        settings.BOUNCES_URL = server.address
        assert returns.read_postbox(now=now) == {Outcome.STRANGE: 1, Outcome.RETURNED: 1}
        assert returns.read_postbox(now=now) == {}

    assert server.flags == {1: r"\Seen \Flagged", 2: r"\Seen"}
    assert server.commands[1] == 'LOGIN bounces@vendor.example "p/w"'
    assert not [command for command in server.commands if "EXPUNGE" in command or "Deleted" in command]


def test_of_a_large_mail_the_beginning_is_read(sent, settings, now, monkeypatch):
    monkeypatch.setattr(postboxes, "LARGEST", 4000)
    with imap([sample("postfix_failed", sent) + b"x" * 100_000]) as server:
        settings.BOUNCES_URL = server.address
        assert returns.read_postbox(now=now) == {Outcome.RETURNED: 1}

    assert any("BODY.PEEK[]<0.4000>" in command for command in server.commands)


@pytest.mark.parametrize("manner", ["silent", "hangs", "hangs up", "refuses"])
def test_a_mailbox_that_cannot_be_read_now_is_read_the_next_time(
    sent, settings, now, monkeypatch, caplog, manner
):
    monkeypatch.setattr(postboxes, "TIMEOUT", 0.3)
    mails, began = [sample("gmail_failed", sent)], time.monotonic()
    with imap(mails, manner) as server:
        settings.BOUNCES_URL = server.address
        with pytest.raises(Unreachable):
            returns.read_postbox(now=now)
        tasks.read_bounces()
        server.manner = ""
        assert returns.read_postbox(now=now) == {Outcome.RETURNED: 1}

    assert time.monotonic() - began < 5
    assert "cannot be read" in caplog.text
    assert "p/w" not in caplog.text


def test_a_server_that_is_not_there_is_unreachable(settings, now):
    settings.BOUNCES_URL = "imap://a:b@127.0.0.1:1/INBOX"

    with pytest.raises(Unreachable):
        returns.read_postbox(now=now)


# --- the command ---


def test_the_command_says_what_it_read(sent, maildir):
    (maildir / "new" / "1").write_bytes(sample("gmail_failed", sent))
    said = StringIO()

    call_command("read_bounces", stdout=said)
    call_command("read_bounces", stdout=said)

    assert said.getvalue().splitlines() == ["Read: 1 (returned 1).", "Read: nothing new."]


@pytest.mark.parametrize(
    ("address", "why"), [("", "No mailbox is set"), ("maildir:///nowhere", "no maildir")]
)
def test_the_command_ends_with_an_error_where_there_is_nothing_to_read(settings, address, why):
    settings.BOUNCES_URL = address

    with pytest.raises(CommandError, match=why):
        call_command("read_bounces")


def test_without_a_mailbox_the_task_rests(settings):
    settings.BOUNCES_URL = ""

    tasks.read_bounces()
