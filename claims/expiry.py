"""The expiry job: set-based, in batches, safe to run late, twice or beside itself (DL-4, DL-6)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Value, When

from .models import Claim, ClaimEvent
from .models.claim import ClaimQuerySet
from .states import Party, Status
from .transitions import EXPIRY

BATCH = 200


def expire_due(*, now: datetime) -> int:
    """Let every claim expire whose deadline has passed; returns how many.

    Works in batches of one transaction each and steps around rows that others hold, so it may run twice, beside itself
    or after days of outage, and its memory does not grow with the number of claims (DL-4, DL-6). The instant it
    records is the deadline itself, so a late run leaves the same rows as a punctual one.
    """
    total, due = 0, Claim.objects.due(now)
    while expired := expire_batch(due, now=now):
        total += len(expired)
        # Not from the beginning again: what expired stands in the index until nobody can see it any more.
        due = Claim.objects.due(now).filter(expires_at__gte=expired[-1].expires_at)
    return total


@transaction.atomic
def expire_batch(due: ClaimQuerySet, *, now: datetime) -> list[Claim]:
    """Let those of these claims expire whose deadlines passed first; gives them as they were."""
    locked = due.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("expires_at", "pk")
    claims = list(locked.only("pk", "status", "expires_at")[:BATCH])
    Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(
        status=Case(*[When(status=was, then=Value(becomes.value)) for was, becomes in EXPIRY.items()]),
        updated_at=F("expires_at"),
        expires_at=None,
        revision=F("revision") + 1,
    )
    ClaimEvent.objects.bulk_create(
        ClaimEvent(
            claim=claim,
            action="expire",
            party=Party.SYSTEM,
            at=claim.expires_at or now,
            from_status=claim.status,
            to_status=EXPIRY[Status(claim.status)],
        )
        for claim in claims
    )
    return claims
