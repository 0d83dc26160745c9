"""Mails that came back after a server had taken them: what the mailbox tells is recorded, once (BEY-7).

A notification counts only for a mail whose Message-ID it knows, and for the address that the mail went to.
"""

import logging
from collections import Counter
from datetime import datetime
from enum import StrEnum

from django.conf import settings

from .addresses import on_the_wire
from .models import Message
from .notifications import Notification, notifications
from .postboxes import Postbox, open_postbox
from .redaction import quotable

log = logging.getLogger(__name__)
MOST_AT_ONCE = 500
_State = Message.State


class Outcome(StrEnum):
    """What a notification came to."""

    RETURNED = "returned"
    PUT_OFF = "put off"
    KNOWN = "known before"
    EARLY = "too early"
    STRANGE = "not understood"


def read_postbox(*, now: datetime) -> Counter[Outcome]:
    """Record what the configured mailbox tells; how many mails of it came to what. Raises Unreachable."""
    box = open_postbox(settings.BOUNCES_URL)
    try:
        return read(box, now=now)
    finally:
        box.close()


def read(box: Postbox, *, now: datetime) -> Counter[Outcome]:
    """Each mail in its own right: one that cannot be read is put aside and keeps no other back."""
    found: Counter[Outcome] = Counter()
    for name, raw in box.unread():
        outcome = understand(raw, now=now)
        found[outcome] += 1
        # The server may be quicker with its notification than we are with noting that it took the mail.
        if outcome != Outcome.EARLY:
            box.put_away(name, understood=outcome != Outcome.STRANGE)
        if found.total() == MOST_AT_ONCE:
            break
    return found


def understand(raw: bytes, *, now: datetime) -> Outcome:
    """What one received mail came to: the most telling of what it says of each recipient."""
    try:
        told = notifications(raw)
    except Exception as error:
        log.warning("A mail in the mailbox of notifications cannot be read: %s", type(error).__name__)
        return Outcome.STRANGE
    outcomes = {record(notification, now=now) for notification in told}
    return next((outcome for outcome in Outcome if outcome in outcomes), Outcome.STRANGE)


def record(notification: Notification, *, now: datetime) -> Outcome:
    """Note the return of a mail that was sent; told twice it changes nothing, nor does it for a mail that failed."""
    message = find(notification)
    if message is None:
        return Outcome.STRANGE
    if message.state in {_State.QUEUED, _State.SENDING}:
        return Outcome.EARLY
    sent = Message.objects.filter(pk=message.pk, state=_State.SENT)
    answer = quotable(notification.words)
    if notification.final:
        changed = sent.update(state=_State.FAILED, bounced_at=now, answer=answer)
        return Outcome.RETURNED if changed else Outcome.KNOWN
    return Outcome.PUT_OFF if sent.exclude(answer=answer).update(answer=answer) else Outcome.KNOWN


def find(notification: Notification) -> Message | None:
    message = Message.objects.filter(message_id=notification.message_id).defer("context").first()
    known = message is not None and on_the_wire(message.to).lower() in map(str.lower, notification.addresses)
    return message if known else None
