"""Reminders as a deadline nears: each at most once, none for a claim that has moved on (DL-5)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from mail import outbox
from mail.models import Message

from .models import Claim, Reminder
from .models.claim import ClaimQuerySet
from .notices import facts
from .states import Status
from .transitions import EXPIRY


def send_reminders(*, now: datetime) -> int:
    """Remind everybody whose deadline has come within one of the configured days; returns how many claims.

    After an outage only the nearest reminder leaves, never a burst of all that were missed.
    """
    sent = 0
    for claim_id in list(candidates(now).values_list("pk", flat=True)):
        sent += remind(claim_id, now=now)
    return sent


def candidates(now: datetime) -> ClaimQuerySet:
    horizon = now + timedelta(days=max(settings.REMINDER_DAYS))
    return Claim.objects.filter(
        status__in=list(EXPIRY), expires_at__gt=now, expires_at__lte=horizon
    ).order_by("pk")


@transaction.atomic
def remind(claim_id: int, *, now: datetime) -> bool:
    """Write the reminders of one claim; a row per deadline and day makes each leave once, however many beats run."""
    rows = Claim.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    claim = (
        rows.select_related("engagement", "location", "customer__organization", "created_by")
        .filter(pk=claim_id)
        .first()
    )
    if claim is None or claim.status not in EXPIRY:
        return False
    deadline = claim.expires_at
    if deadline is None or deadline <= now:
        return False
    days = min(d for d in settings.REMINDER_DAYS if deadline <= now + timedelta(days=d))
    if Reminder.objects.filter(claim=claim, deadline=deadline, days__lte=days).exists():
        return False
    Reminder.objects.create(claim=claim, deadline=deadline, days=days, at=now)
    dead = Message.objects.dead_addresses(claim.pk)
    for address in {claim.partner_contact_email.lower(), claim.created_by.email.lower()} - dead:
        outbox.post(
            "reminder",
            to=address,
            now=now,
            about=claim.pk,
            status=str(claim.get_status_display()),
            days=days,
            **facts(claim),
        )
    if claim.status == Status.AWAITING_CONSENT and claim.customer_contact_email.lower() not in dead:
        outbox.post(
            "reminder_customer",
            to=claim.customer_contact_email,
            now=now,
            about=claim.pk,
            days=days,
            **facts(claim),
        )
    return True
