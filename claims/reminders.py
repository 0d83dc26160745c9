"""Reminders as a deadline nears: each at most once, none for a claim that has moved on (DL-5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from mail import outbox
from mail.models import Message, ReminderWish

from . import notices
from .models import Claim, DigestLine, Reminder
from .models.claim import ClaimQuerySet
from .states import Status
from .transitions import EXPIRY

BATCH = 50


def send_reminders(*, now: datetime) -> int:
    """Remind everybody whose deadline has come within one of the configured days; returns how many claims.

    After an outage only the nearest reminder leaves, never a burst of all that were missed.
    """
    sent = 0
    for least, most in stages():
        near, going_on = unreminded(least, most, now=now), Q()
        while batch := remind_batch(near.filter(going_on), most, now=now):
            found, reminded = batch
            sent += reminded
            going_on = after(found)
    return sent


def stages() -> Iterable[tuple[int, int]]:
    """Between how many days and how many a deadline is told of once, the nearest first."""
    return pairwise([0, *sorted({*settings.REMINDER_DAYS})])


def unreminded(least: int, most: int, *, now: datetime, ahead: timedelta = timedelta(0)) -> ClaimQuerySet:
    """Claims with so many days left of a deadline that nobody was told of within them, nearest first.

    `ahead`: as it will be so much later, with those whose deadline comes before that.
    """
    told = Reminder.objects.filter(claim=OuterRef("pk"), deadline=OuterRef("expires_at"), days__lte=most)
    least_left = ahead + timedelta(days=least) if least else timedelta(0)
    within = {"expires_at__gt": now + least_left, "expires_at__lte": now + ahead + timedelta(days=most)}
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
    outbox.post_all(by_themselves(silent, days, now=now))
    return claims[-1], len(silent)


def by_themselves(claims: list[Claim], days: int, *, now: datetime) -> list[Message]:
    """The reminders that leave one by one: not to who reads a digest or wants none, nor where none would arrive."""
    of_these = Claim.objects.filter(pk__in=[claim.pk for claim in claims])
    DigestLine.objects.put_down(of_these, days)
    noted = DigestLine.objects.noted(of_these, days)
    dead = Message.objects.dead_addresses([claim.pk for claim in claims])
    written = [letter for claim in claims for letter in letters(claim, days, noted, now=now)]
    quiet = ReminderWish.among((letter.to for letter in written), ReminderWish.How.NONE)
    return [
        letter
        for letter in written
        if (letter.about, letter.to.lower()) not in dead and letter.to.lower() not in quiet
    ]


def letters(claim: Claim, days: int, noted: set[tuple[int, str]], *, now: datetime) -> Iterator[Message]:
    """To partner contact and creator, unless a digest tells them; to the customer, where a request was sent."""
    for address in sorted({claim.partner_contact_email.lower(), claim.created_by.email.lower()}):
        if (claim.pk, address) not in noted:
            yield notices.reminder(claim, address, days, now=now)
    if claim.status == Status.AWAITING_CONSENT:
        yield notices.reminder_customer(claim, days, now=now)
