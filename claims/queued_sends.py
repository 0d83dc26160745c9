"""Mails asked for too early: queued for the first instant at which they may leave, taken back, released (CON-2, SUR-2).

How each is sent is known to the room that sends it; it judges everything again at that instant.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.models import User
from incentives.roles import RoleGone
from mail.models import SendCap

from .lifecycle import Refused, ask, deed, lock, record
from .models import Claim, QueuedSend
from .states import Party

log = logging.getLogger(__name__)
Kind = QueuedSend.Kind
ACTION = {
    Kind.CONSENT_REQUEST: "request_consent",
    Kind.CUSTOMER_SURVEY: "send_surveys",
    Kind.PARTNER_SURVEY: "send_surveys",
}


class Send(Protocol):
    """The verb that sends a mail of one kind, with everything that the law asks of it."""

    def __call__(self, claim: Claim, *, by: User, now: datetime) -> object: ...


# --- for people ---


@deed
def send_when_possible(claim: Claim, kind: str, send: Send, *, by: User, now: datetime) -> QueuedSend | None:
    """Send at once if the mail may leave now, else queue it for the first instant at which it may; asked twice, once.

    Raises Refused when that instant is not before the claim's deadline.
    """
    lock(claim, now=now)
    ask(claim, ACTION[Kind(kind)], Party.PARTNER, now=now)
    at = SendCap.next_possible(kind, claim.pk, now=now)
    if at is None:
        send(claim, by=by, now=now)
        return None
    if reason := too_late(claim, at):
        raise Refused(reason)
    if known := QueuedSend.objects.filter(claim=claim, kind=kind, by=by, send_at=at).first():
        return known
    # A colleague who asks as well takes it over: it is their role that must still hold when it leaves.
    drop(claim, kind)
    queued = QueuedSend.objects.create(claim=claim, kind=kind, by=by, asked_at=now, send_at=at)
    detail = f"{queued.get_kind_display()}: {at:%Y-%m-%d %H:%M:%S} UTC"
    record(claim, "queue_send", party=Party.PARTNER, by=by, now=now, detail=detail)
    return queued


def too_late(claim: Claim, at: datetime) -> str:
    """Why a mail cannot wait until that instant, as a sentence; empty when it can."""
    if claim.expires_at is None or at < claim.expires_at:
        return ""
    return _(
        "The next email could only leave on %(at)s, when this claim's deadline of %(deadline)s will have passed, so it"
        " cannot be queued."
    ) % {"at": f"{at:%Y-%m-%d %H:%M:%S} UTC", "deadline": f"{claim.expires_at:%Y-%m-%d %H:%M:%S} UTC"}


@deed
def take_back(claim: Claim, kind: str, *, by: User, now: datetime) -> Claim:
    """Take a mail out of the queue, whoever put it there; raises Refused when it is not there any more."""
    lock(claim, now=now)
    ask(claim, ACTION[Kind(kind)], Party.PARTNER, now=now)
    if not drop(claim, kind):
        raise Refused(_("This email is no longer queued: it has been sent or taken back meanwhile."))
    detail = str(Kind(kind).label)
    record(claim, "take_back_send", party=Party.PARTNER, by=by, now=now, detail=detail)
    return claim


def waiting(claim: Claim, *, now: datetime) -> dict[str, QueuedSend]:
    """What is queued for the claim and may still be sent as the claim stands, by kind."""
    allowed = claim.allowed(Party.PARTNER, now)
    if not allowed & set(ACTION.values()):
        return {}
    queued = claim.queued_sends.select_related("by")
    return {row.kind: row for row in queued if ACTION[Kind(row.kind)] in allowed}


def drop(claim: Claim, kind: str) -> bool:
    """Take the row of a claim that the caller has locked; true when there was one."""
    return bool(QueuedSend.objects.filter(claim=claim, kind=kind).delete()[0])


# --- the scheduled job ---


def release_due(sends: Mapping[str, Send], *, now: datetime) -> int:
    """Send every queued mail of these kinds whose instant has come; returns how many were sent.

    Safe to run late, twice or beside itself. Each mail is a transaction of its own, and none holds another back.
    """
    due = QueuedSend.objects.filter(kind__in=list(sends), send_at__lte=now).order_by("send_at", "pk")
    sent = 0
    for pk in list(due.values_list("pk", flat=True)):
        try:
            sent += settle(pk, sends, now=now)
        except Exception:
            log.exception("The queued mail %s broke off.", pk)
    return sent


def settle(pk: int, sends: Mapping[str, Send], *, now: datetime) -> bool:
    """Send one mail, or forget it with the reason in the claim's history; true when this caller sent it."""
    queued = (
        QueuedSend.objects.select_related("claim__engagement", "claim__location", "by").filter(pk=pk).first()
    )
    if queued is None:
        return False
    try:
        return release(queued.claim, by=queued.by, now=now, send=sends[queued.kind], pk=pk)
    except RoleGone:
        reason = _("%(name)s no longer acts for this location.") % {"name": queued.by}
    except Refused as refusal:
        reason = str(refusal)
    give_up(queued, reason, now=now)
    return False


@deed
def release(claim: Claim, *, by: User, now: datetime, send: Send, pk: int) -> bool:
    """Take the row and send the mail, or neither; false when it was taken back or another beat was faster.

    Where the mail before it left later than it was asked for, this one waits for its own 24 hours.
    """
    lock(claim, now=now)
    queued = QueuedSend.objects.filter(pk=pk)
    kind = queued.values_list("kind", flat=True).first()
    if kind and (possible := SendCap.next_possible(kind, claim.pk, now=now)):
        queued.update(send_at=possible)
        return False
    if not taken(pk):
        return False
    # Whoever went over to the vendor holds a role no more, though its row may have stayed behind.
    if not Claim.objects.visible_to(by).filter(pk=claim.pk).exists():
        raise RoleGone
    send(claim, by=by, now=now)
    return True


def taken(pk: int) -> bool:
    """Take one row; true for exactly one caller."""
    return bool(QueuedSend.objects.filter(pk=pk).delete()[0])


@transaction.atomic
def give_up(queued: QueuedSend, reason: str, *, now: datetime) -> None:
    """Forget a mail that no longer fits, and say why in words that the partner may read."""
    claim = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=queued.claim_id)
    if taken(queued.pk):
        detail = f"{queued.get_kind_display()}: {reason}"
        record(claim, "give_up_send", party=Party.SYSTEM, now=now, detail=detail)
