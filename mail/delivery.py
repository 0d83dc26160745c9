"""Delivery: one message at a time, each taken by a conditional update, sent, and marked with the server's answer.

The promise: nothing is lost, and a crash can repeat at most the message in flight, with the same Message-ID and link.
"""

import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from . import clock, queue
from .addresses import on_the_wire
from .models import Message, Stop
from .models.messages import MessageQuerySet
from .outbox import surroundings
from .redaction import quotable

LEASE = timedelta(minutes=2)
BATCH = 200
REPLACED = "Not sent: its link was replaced."


@dataclass(frozen=True)
class Letter:
    """A mail as its recipient sees it."""

    subject: str
    text: str
    html: str


def render(message: Message) -> Letter:
    """Write the letter; the link's key is derived here and lives only in this text."""
    context = (
        surroundings()
        | message.context
        | {"link_url": message.link.url if message.link else "", "subject": message.subject}
    )
    return Letter(
        subject=message.subject,
        text=render_to_string(f"mail/{message.kind}.txt", context),
        html=render_to_string(f"mail/{message.kind}.html", context),
    )


def deliver(pk: int, *, now: datetime) -> bool:
    """Send one message if it is due and nobody else has taken it; true when this caller sent it."""
    due = Message.objects.due(now).filter(pk=pk)
    if not due.update(state=Message.State.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1):
        return False
    message = Message.objects.select_related("link").get(pk=pk)
    if message.link and message.link.revoked_at:
        # A newer mail has left, or the address was changed; this one would lead its reader to a closed door.
        settle(message, answer=REPLACED, passing=False, refused=True)
        return False
    try:
        answer = hand_over(message)
    except smtplib.SMTPResponseException as error:
        passing = error.smtp_code < 500
        settle(message, answer=said(error.smtp_code, error.smtp_error), passing=passing, refused=True)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        settle(message, answer=said(code, text), passing=code < 500, refused=True)
    except (OSError, smtplib.SMTPException) as error:
        # A connection that broke may have broken after the server took the mail; one that never stood did not.
        refused = isinstance(error, ConnectionRefusedError)
        settle(message, answer=str(error) or type(error).__name__, passing=True, refused=refused)
    except Exception as error:
        settle(message, answer=str(error) or type(error).__name__, passing=False, refused=True)
    else:
        Message.objects.filter(pk=pk, state=Message.State.SENDING).update(
            state=Message.State.SENT, sent_at=clock.now(), lease_until=None, answer=answer
        )
        return True
    return False


def hand_over(message: Message) -> str:
    """Give the letter to the mail server, or keep it for the demo mailbox when none is configured."""
    letter = render(message)
    if settings.DEMO and not settings.EMAIL_URL:
        return "kept for the demo mailbox"
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[on_the_wire(message.to)],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
    mail.attach_alternative(css_inline.inline(letter.html, load_remote_stylesheets=False), "text/html")
    mail.send()
    return "250 accepted"


def said(code: int, words: bytes | str) -> str:
    """The server's answer as people read it."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())


@transaction.atomic
def settle(message: Message, *, answer: str, passing: bool, refused: bool) -> None:
    """After a failure: try again later, or stop, let people see why, and give back the right of a mail nobody took.

    A server may quote what it refuses, the one-time link too, and people read its answer at the desk.
    """
    again = message.retry_at(clock.now()) if passing else None
    message.refusals += refused
    # Whoever took the mail after the lease was over settles it.
    mine = Message.objects.filter(pk=message.pk, state=Message.State.SENDING, attempts=message.attempts)
    settled = mine.update(
        state=Message.State.QUEUED if again else Message.State.FAILED,
        next_attempt_at=again or message.next_attempt_at,
        lease_until=None,
        answer=quotable(answer),
        refusals=message.refusals,
    )
    if settled and not again:
        message.give_cap_back()


def deliver_due(*, now: datetime) -> int:
    """The sweep: take back what a dead worker left in flight, then send everything due; returns how many left."""
    Message.objects.stranded(now).update(state=Message.State.QUEUED, lease_until=None, next_attempt_at=now)
    due = Message.objects.due(now).order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:BATCH]
    # Each lease begins when its mail is taken, not when the sweep began.
    return sum(deliver(pk, now=max(now, clock.now())) for pk in list(due))


def try_again(failed: MessageQuerySet, *, now: datetime) -> int:
    """Put failed mails back into the queue, for another 72 hours; returns how many, and each click counts once.

    One of which at most one may leave in 24 hours stays where it is when another of its kind has left meanwhile.
    """
    again = {"state": Message.State.QUEUED, "next_attempt_at": now, "retried_at": now, "bounced_at": None}
    capped = failed.filter(kind__in=Message.CAPPED)
    back = failed.exclude(kind__in=Message.CAPPED).retriable(now).update(**again)
    for pk in list(capped.retriable(now).order_by("pk").values_list("pk", flat=True)):
        back += try_capped_again(pk, again, now=now)
    if back:
        queue.after_commit("mail.tasks.deliver_due")
    return back


@transaction.atomic
def try_capped_again(pk: int, again: dict[str, Any], *, now: datetime) -> bool:
    """Take the mail's right to leave once more and put it back into the queue, or neither."""
    found = Message.objects.filter(pk=pk).retriable(now).select_for_update(of=("self",)).first()
    return (
        found is not None
        and found.take_cap_again(now)
        and bool(Message.objects.filter(pk=pk).update(**again))
    )


def go_on() -> bool:
    """End the stop, and let everything that waited leave at once; false where nothing was stopped."""
    ended = Stop.end()
    if ended:
        queue.after_commit("mail.tasks.deliver_due")
    return ended
