"""One mail a day with every deadline that comes near, for people who chose it instead of single reminders (DL-5).

Its day and hour are those of UTC. What would be told by itself until the next one is told in this one: else a claim
with its last day before it would be told of as it expires.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import product

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from incentives.models import User
from mail import outbox
from mail.models import Message, ReminderWish

from . import evidence, notices
from .models import Claim, DigestLine, Document
from .models.claim import ClaimQuerySet
from .models.reminder import NAMED
from .reminders import after, stages, unreminded
from .states import PRE_CONSENT

BATCH = 50
How = ReminderWish.How


def send_digests(*, now: datetime) -> int:
    """Write the mail of today to everybody who is owed one, once its hour has come; returns how many mails.

    Safe to run late, twice or beside itself: a day has one for each person, whenever it is written, and after days of
    outage it is that of today alone. Whoever has chosen otherwise meanwhile is told at once, and so as they chose.
    """
    if now >= hour_of(now):
        look_ahead(now=now)
    written, last = 0, 0
    while batch := tell_batch(owed(now=now).filter(pk__gt=last), now=now):
        last, letters = batch
        written += letters
    return written


def hour_of(now: datetime) -> datetime:
    """From when on the digest of that day leaves."""
    return datetime.combine(now.astimezone(UTC).date(), time(settings.REMINDER_DIGEST_HOUR), UTC)


def look_ahead(*, now: datetime) -> None:
    """Note for who reads a digest what comes near until the next one."""
    ahead = hour_of(now) + timedelta(days=1) - now
    for (least, most), named in product(stages(), NAMED):
        near, going_on = unreminded(least, most, now=now, ahead=ahead), Q()
        while last := note_batch(near.filter(going_on), named, most):
            going_on = after(last)


@transaction.atomic
def note_batch(near: ClaimQuerySet, named: str, days: int) -> Claim | None:
    """Note the first of these claims for whom they name so; the last one looked at.

    Each is held meanwhile, so that nobody is told by itself of what is noted here; those of which somebody was, while
    this waited, are no longer among them when they are looked at again.
    """
    unnoted = DigestLine.objects.unnoted(near, named, days)
    claims = list(unnoted.select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH])
    if not claims:
        return None
    DigestLine.objects.put_down(near.filter(pk__in=[claim.pk for claim in claims]), days)
    return claims[-1]


def owed(*, now: datetime) -> QuerySet[User]:
    """Who is to be told of something now: by the digest of today if they had none yet, else as they chose meanwhile."""
    noted = DigestLine.objects.to_tell().filter(reader=OuterRef("pk"))
    daily = ReminderWish.objects.filter(address=Lower(OuterRef("email")), how=How.DAILY)
    begun = datetime.combine(hour_of(now).date(), time(), UTC)
    of_today = Message.objects.alias(address=Lower("to")).filter(
        kind=Message.Kind.REMINDER_DIGEST, address=Lower(OuterRef("email")), created_at__gte=begun
    )
    waits = Exists(daily) & Exists(of_today) if now >= hour_of(now) else Exists(daily)
    return User.objects.filter(Exists(noted)).exclude(waits).order_by("pk")


@transaction.atomic
def tell_batch(readers: QuerySet[User], *, now: datetime) -> tuple[int, int] | None:
    """Tell the first of these readers: the last one and how many mails, or None.

    Two beats at once tell once: each holds its readers, and looks again at what they are owed once it holds them.
    """
    held = readers.select_for_update(of=("self",), skip_locked=True, no_key=True)
    keys = list(held.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return None
    due = readers.filter(pk__in=keys)
    lines = list(DigestLine.objects.to_tell().filter(reader__in=due).with_claims().judged(now))
    letters = list(write([line for line in lines if line.stands], now=now))
    outbox.post_all(letters)
    DigestLine.objects.filter(pk__in=[line.pk for line in lines]).update(told_at=now)
    return keys[-1], len(letters)


def write(lines: Sequence[DigestLine], *, now: datetime) -> Iterator[Message]:
    """The mails with these lines; none to who wants no reminders any more, nor where none would arrive."""
    claims = {line.claim_id: line.claim for line in lines}
    dead = Message.objects.dead_addresses(claims)
    of_each: dict[User, dict[int, int]] = defaultdict(dict)
    # Of two stages of one deadline the nearest is told, which comes first.
    for line in lines:
        if (line.claim_id, line.reader.email.lower()) not in dead:
            of_each[line.reader].setdefault(line.claim_id, line.days)
    addresses = [reader.email.lower() for reader in of_each]
    wishes = ReminderWish.objects.in_bulk(addresses, field_name="address")
    lost = Message.objects.filter(kind=Message.Kind.REMINDER_DIGEST).lost(addresses)
    missing = what_is_missing(list(claims.values()))
    for reader, days in of_each.items():
        address = reader.email.lower()
        wish = wishes.get(address)
        if wish is None:
            yield from (notices.reminder(claims[pk], address, days[pk], now=now) for pk in days)
        elif wish.how == How.DAILY and lost.get(address, wish.since) <= wish.since:
            key = f"reminder_digest:{reader.pk}:{hour_of(now):%Y-%m-%d}"
            yield notices.reminder_digest(reader, [claims[pk] for pk in days], missing, key=key, now=now)


def what_is_missing(claims: Sequence[Claim]) -> dict[int, list[str]]:
    """What each claim waits for, in words: the customer's consent, what its tracker lacks, or only to be submitted."""
    filled = set(Document.objects.current().filter(claim__in=claims).values_list("slot", flat=True))
    lacks = {
        claim.pk: [str(item.label) for item in evidence.checklist_by(claim, filled) if not item.done]
        for claim in claims
    }
    return {
        claim.pk: [_("Customer consent")]
        if claim.status in PRE_CONSENT
        else lacks[claim.pk] or [_("Submission")]
        for claim in claims
    }
