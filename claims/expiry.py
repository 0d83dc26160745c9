"""The expiry job: set-based, in batches, safe to run late, twice or beside itself (DL-4, DL-6)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from .models import Claim, ClaimEvent
from .states import Party, Status
from .transitions import EXPIRY

BATCH = 1000


def expire_due(*, now: datetime) -> int:
    """Let every claim expire whose deadline has passed; returns how many.

    Works in batches of one transaction each and steps around rows that others hold, so it may run twice, beside itself
    or after days of outage, and its memory does not grow with the number of claims (DL-4, DL-6). The instant it
    records is the deadline itself, so a late run leaves the same rows as a punctual one.
    """
    total = 0
    while expired := expire_batch(now=now):
        total += expired
    return total


@transaction.atomic
def expire_batch(*, now: datetime) -> int:
    due = Claim.objects.due(now).select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
    claims = list(due.only("pk", "status", "expires_at")[:BATCH])
    for source, target in EXPIRY.items():
        moved = Claim.objects.filter(pk__in=[claim.pk for claim in claims if claim.status == source])
        moved.update(status=target, updated_at=F("expires_at"), expires_at=None, revision=F("revision") + 1)
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
    return len(claims)
