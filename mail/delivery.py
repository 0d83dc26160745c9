"""Delivery: one message at a time, each taken by a conditional update, sent, and marked with the server's answer.

The promise: nothing is lost, and a crash can repeat at most the message in flight, with the same Message-ID and link.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from . import clock, queue
from .addresses import on_the_wire
from .models import Message, Outage, Pace, Stop
from .models.messages import MessageQuerySet
from .outbox import surroundings
from .redaction import quotable
from .server import Answer, MailServer, Outcome

LEASE = timedelta(minutes=3)
FRESH = 30  # seconds after which a message that was taken is no longer handed over
BATCH = 200
LONGEST_SWEEP = 15  # seconds
REPLACED = Answer(Outcome.REFUSED, "Not sent: its link was replaced.")
UNWANTED = Answer(Outcome.REFUSED, "Not sent: its recipient wants no more reminders.")
AWAY = frozenset({Outcome.INTERRUPTED, Outcome.OUT_OF_REACH})
log = logging.getLogger(__name__)


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
        | {
            "link_url": message.link.url if message.link else "",
            "quiet_url": message.quiet_url,
            "subject": message.subject,
        }
    )
    return Letter(
        subject=message.subject,
        text=render_to_string(f"mail/{message.kind}.txt", context),
        html=render_to_string(f"mail/{message.kind}.html", context),
    )


def deliver(pk: int, *, now: datetime, holder: str = "") -> bool:
    """Send one message if it is due and nobody else has taken it; true when this caller sent it."""
    with MailServer() as server:
        return attempt(pk, server, now=now, holder=holder) == Outcome.ACCEPTED


def deliver_due(*, now: datetime, holder: str = "") -> int:
    """The sweep: take back what a dead worker left in flight, then send what is due, in turn; returns how many left.

    It ends after a batch or a quarter of a minute: a slow server keeps no worker from its other work, nor from ending.
    """
    Message.objects.stranded(now).update(state=Message.State.QUEUED, lease_until=None, next_attempt_at=now)
    with MailServer() as server:
        if Outage.in_force() and not found_again(server, now=now, holder=holder):
            return 0
        begun, sent = time.monotonic(), 0
        for pk in list(Message.objects.due(now).in_turn().values_list("pk", flat=True)[:BATCH]):
            # Each lease begins when its mail is taken, not when the sweep began.
            outcome = attempt(pk, server, now=max(now, clock.now()), holder=holder)
            sent += outcome == Outcome.ACCEPTED
            if outcome in AWAY or time.monotonic() - begun > LONGEST_SWEEP:
                break
        return sent


def found_again(server: MailServer, *, now: datetime, holder: str) -> bool:
    """Try a server that was out of reach with one mail, whose answer ends the outage whatever it says."""
    if not Outage.may_probe(now=now):
        return False
    first = Message.objects.due(now, probing=True).in_turn().values_list("pk", flat=True).first()
    outcome = attempt(first, server, now=now, holder=holder, probing=True) if first else None
    return outcome is not None and outcome not in AWAY and Outage.end()


def attempt(
    pk: int, server: MailServer, *, now: datetime, holder: str, probing: bool = False
) -> Outcome | None:
    """Take one message, hand it over and write down what came of it; None when it was not this caller's."""
    due, lease = Message.objects.due(now, probing=probing).filter(pk=pk), now + LEASE
    taken = time.monotonic()
    if not due.update(
        state=Message.State.SENDING, lease_until=lease, taken_by=holder, attempts=F("attempts") + 1
    ):
        return None
    message = Message.objects.select_related("link").get(pk=pk)
    held = Message.objects.filter(pk=pk, state=Message.State.SENDING, lease_until=lease)
    if needless := why_not_at_all(message):
        settle(message, held, needless, now=clock.now())
        return None
    if not message.paced and (slot := turn_of(message.domain, now=now)) > now:
        held.update(state=Message.State.QUEUED, attempts=F("attempts") - 1, next_attempt_at=slot, paced=True)
        return None
    try:
        mail = written(message)
    except Exception as error:
        answer = Answer(Outcome.REFUSED, str(error) or type(error).__name__)
    else:
        # Whoever was held up so long that another may have taken over leaves the mail to them.
        if time.monotonic() - taken > FRESH or not held.exists():
            return None
        answer = hand_over(mail, server)
    settle(message, held, answer, now=clock.now())
    return answer.outcome


def why_not_at_all(message: Message) -> Answer | None:
    """Why nobody should get this mail any more: a newer one has left or the address was changed, or it is unwanted."""
    if message.link and message.link.revoked_at:
        return REPLACED
    return UNWANTED if message.is_unwanted else None


def turn_of(domain: str, *, now: datetime) -> datetime:
    """From when on one more mail may leave to this domain."""
    per_minute = settings.MAILS_PER_MINUTE_AND_DOMAIN
    return Pace.slot(domain, per_minute=per_minute, now=now) if per_minute else now


def written(message: Message) -> EmailMultiAlternatives:
    letter = render(message)
    mail = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[on_the_wire(message.to)],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"} | one_click(message),
    )
    mail.attach_alternative(css_inline.inline(letter.html, load_remote_stylesheets=False), "text/html")
    return mail


def one_click(message: Message) -> dict[str, str]:
    """What lets a mail program offer to stop the reminders by itself (RFC 8058)."""
    if not message.quiet_url:
        return {}
    asked = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"List-Unsubscribe": f"<{message.quiet_url}>"} | asked


def hand_over(mail: EmailMultiAlternatives, server: MailServer) -> Answer:
    """Give the letter to the mail server, or keep it for the demo mailbox when none is configured."""
    if settings.DEMO and not settings.EMAIL_URL:
        return Answer(Outcome.ACCEPTED, "kept for the demo mailbox")
    return server.hand_over(mail)


@transaction.atomic
def settle(message: Message, held: MessageQuerySet, answer: Answer, *, now: datetime) -> None:
    """Write down what became of a message: it has left, is tried again, or has failed and people see why.

    Its place under the cap of 24 hours counts from when it left, and is given back once it is certain that it never
    does. A server may quote what it refuses, the one-time link too, and people read its answer at the desk.
    """
    facts: dict[str, Any] = {"lease_until": None, "answer": quotable(answer.words), "paced": False}
    message.refusals += answer.surely_not_taken
    if answer.outcome == Outcome.ACCEPTED:
        facts |= {"state": Message.State.SENT, "sent_at": now}
    elif answer.outcome == Outcome.REFUSED or message.gives_up(now):
        facts |= {"state": Message.State.FAILED, "refusals": message.refusals}
    elif answer.outcome == Outcome.OUT_OF_REACH:
        facts |= {"state": Message.State.QUEUED, "attempts": F("attempts") - 1}
    else:
        again = message.retry_at(now)
        facts |= {"state": Message.State.QUEUED, "next_attempt_at": again, "refusals": message.refusals}
    if held.update(**facts) and facts["state"] == Message.State.FAILED:
        message.give_cap_back()
    if answer.outcome == Outcome.ACCEPTED and message.attempts > 1:
        message.keep_cap(now)
    if answer.outcome in AWAY:
        log.warning("The mail server is out of reach, one mail tries it each minute: %s", facts["answer"])
        Outage.note(facts["answer"], now=now)


def take_back(holder: str, *, now: datetime) -> int:
    """Put back what a worker had in hand that died over it, and whose task has come to another."""
    return Message.objects.left_by(holder).update(
        state=Message.State.QUEUED, lease_until=None, next_attempt_at=now
    )


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
