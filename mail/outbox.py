"""Posting a mail: a row now, in the caller's transaction; delivery after commit, by a worker."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from . import queue
from .models import Link, Message


def post(kind: str, *, dedupe_key: str | None = None, **what: Any) -> None:
    """Put a letter into the outbox, once per `dedupe_key`; it leaves if, and only if, the transaction commits."""
    row = letter(kind, dedupe_key=dedupe_key, **what)
    written = Message.objects.bulk_create([row], ignore_conflicts=dedupe_key is not None)
    if pk := written[0].pk:
        queue.after_commit("mail.tasks.deliver_message", pk)
    else:
        queue.after_commit("mail.tasks.deliver_due")


def post_all(letters: Sequence[Message]) -> None:
    """Put many mails into the outbox at once; they leave in the order of the queue, and hold up nobody's own mail."""
    Message.objects.bulk_create(letters)
    if letters:
        queue.after_commit("mail.tasks.deliver_due")


def letter(
    kind: str,
    *,
    to: str,
    now: datetime,
    about: int | None = None,
    on_behalf_of: int = 0,
    link: Link | None = None,
    dedupe_key: str | None = None,
    **facts: Any,
) -> Message:
    """A mail as it will stand in the outbox; nothing is written yet."""
    subject = render_to_string(f"mail/{kind}.subject.txt", surroundings() | facts)
    return Message(
        kind=kind,
        to=to,
        subject=one_line(subject)[:400],
        context=facts,
        link=link,
        about=about,
        on_behalf_of=on_behalf_of,
        dedupe_key=dedupe_key,
        message_id=make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")),
        created_at=now,
        next_attempt_at=now,
    )


def one_line(subject: str) -> str:
    """A subject in which no name can break the line, nor pass for words that a mail program would decode."""
    return " ".join(subject.split()).replace("=?", "= ?")


def surroundings() -> dict[str, Any]:
    """What every mail may name: the portal, the vendor and the one configured address."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "vendor_name": settings.VENDOR_NAME,
        "portal_url": settings.PORTAL_URL,
    }
