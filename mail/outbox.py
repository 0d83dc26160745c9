"""Posting a mail: a row now, in the caller's transaction; delivery after commit, by a worker."""

import logging
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from .models import Link, Message

log = logging.getLogger(__name__)


def post(
    kind: str,
    *,
    to: str,
    now: datetime,
    about: int | None = None,
    link: Link | None = None,
    dedupe_key: str | None = None,
    **facts: Any,
) -> None:
    """Put a mail into the outbox, once per `dedupe_key`; it leaves if, and only if, the transaction commits."""
    subject = render_to_string(f"mail/{kind}.subject.txt", surroundings() | facts)
    row = Message(
        kind=kind,
        to=to,
        subject=" ".join(subject.split())[:400],
        context=facts,
        link=link,
        about=about,
        dedupe_key=dedupe_key,
        message_id=make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")),
        created_at=now,
        next_attempt_at=now,
    )
    written = Message.objects.bulk_create([row], ignore_conflicts=dedupe_key is not None)
    # After commit, or the worker could look before the row is there; `robust`, because a queue that is down must not
    # fail the page: the sweep delivers the row later.
    pk = written[0].pk
    task, args = ("mail.tasks.deliver_message", [pk]) if pk else ("mail.tasks.deliver_due", [])
    transaction.on_commit(lambda: hurry(task, *args), robust=True)


def hurry(task: str, *args: Any) -> None:
    """Ask a worker to do at once what a sweep does anyway; when the queue cannot be reached the sweep will."""
    try:
        current_app.send_task(task, args, retry=False)
    except Exception as error:
        log.warning("The queue is out of reach, the sweep will do it: %s", error)


def surroundings() -> dict[str, Any]:
    """What every mail may name: the portal, the vendor and the one configured address."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "vendor_name": settings.VENDOR_NAME,
        "portal_url": settings.PORTAL_URL,
    }
