"""Reminders as a deadline nears: each at most once, none for a claim that has moved on (DL-5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from mail import outbox
from mail.models import Message, ReminderWish

from .models import Claim, Reminder
from .models.claim import ClaimQuerySet
from .notices import facts
from .states import Status
from .transitions import EXPIRY

BATCH = 50


def send_reminders(*, now: datetime) -> int:
    """Remind everybody whose deadline has come within one of the configured days; returns how many claims.

    After an outage only the nearest reminder leaves, never a burst of all that were missed.
    """
    sent = 0
    for least, most in pairwise([0, *sorted({*settings.REMINDER_DAYS})]):
        near, going_on = unreminded(least, most, now=now), Q()
        while batch := remind_batch(near.filter(going_on), most, now=now):
            found, reminded = batch
            sent += reminded
            going_on = after(found)
    return sent


def unreminded(least: int, most: int, *, now: datetime) -> ClaimQuerySet:
    """Claims with so many days left of a deadline that nobody was told of within them, nearest first."""
    told = Reminder.objects.filter(claim=OuterRef("pk"), deadline=OuterRef("expires_at"), days__lte=most)
    within = {"expires_at__gt": now + timedelta(days=least), "expires_at__lte": now + timedelta(days=most)}
    return Claim.objects.filter(~Exists(told), status__in=list(EXPIRY), **within).order_by("expires_at", "pk")


def after(claim: Claim) -> Q:
    """Those that come later in the order of deadlines, so that each run looks at each claim once."""
    later = Q(expires_at__gt=claim.expires_at) | Q(pk__gt=claim.pk)
    return Q(later, expires_at__gte=claim.expires_at)


@transaction.atomic
def remind_batch(near: ClaimQuerySet, days: int, *, now: datetime) -> tuple[Claim, int] | None:
    """Write the reminders of the first of these claims: the last one looked at and how many were reminded, or None.

    A claim that somebody holds is left to the next run. Two beats at once remind once: the second finds the rows of
    the first when it looks again, under the lock that the first has given back.
    """
    locked = near.select_for_update(of=("self",), skip_locked=True, no_key=True)
    claims = list(
        locked.prefetch_related("engagement", "location", "customer__organization", "created_by")[:BATCH]
    )
    if not claims:
        return None
    told = set(Reminder.objects.filter(claim__in=claims, days__lte=days).values_list("claim", "deadline"))
    silent = [claim for claim in claims if (claim.pk, claim.expires_at) not in told]
    Reminder.objects.bulk_create(
        Reminder(claim=claim, deadline=claim.expires_at, days=days, at=now)  # type: ignore[misc]  # chosen by it
        for claim in silent
    )
    dead = Message.objects.dead_addresses([claim.pk for claim in silent])
    written = [letter for claim in silent for letter in letters(claim, days, now=now)]
    quiet = ReminderWish.among((letter.to for letter in written), ReminderWish.How.NONE)
    outbox.post_all(
        [
            letter
            for letter in written
            if (letter.about, letter.to.lower()) not in dead and letter.to.lower() not in quiet
        ]
    )
    return claims[-1], len(silent)


def letters(claim: Claim, days: int, *, now: datetime) -> Iterator[Message]:
    """To partner contact and creator; to the customer as well, where a request for consent was sent."""
    for address in sorted({claim.partner_contact_email.lower(), claim.created_by.email.lower()}):
        yield outbox.letter(
            "reminder",
            to=address,
            now=now,
            about=claim.pk,
            on_behalf_of=claim.partner_id,
            status=str(claim.get_status_display()),
            days=days,
            **facts(claim),
        )
    if claim.status == Status.AWAITING_CONSENT:
        yield outbox.letter(
            "reminder_customer",
            to=claim.customer_contact_email,
            now=now,
            about=claim.pk,
            on_behalf_of=claim.partner_id,
            days=days,
            **facts(claim),
        )
