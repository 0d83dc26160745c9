"""The clocks of a claim: which one a waiting status runs on, when it started, and how long it runs.

Days are exact 24-hour periods in UTC from the recorded instant (DL-1). Their number was copied from the activity type
when the claim was created, so a later change of the programme does not touch it (DL-7).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .states import Status as S

if TYPE_CHECKING:
    from .models import Claim


def days(number: int) -> timedelta:
    return timedelta(hours=24 * number)


def consent_deadline(claim: "Claim") -> datetime:
    return claim.created_at + days(claim.consent_days)


def submit_deadline(claim: "Claim") -> datetime | None:
    return claim.consented_at + days(claim.submit_days) if claim.consented_at else None


def review_deadline(claim: "Claim") -> datetime | None:
    """Until when the partner can still answer a reviewer; a submitted dispute sets it once to 30 days (DL-3)."""
    if claim.dispute_submitted_at:
        return claim.dispute_submitted_at + days(claim.dispute_days)
    return claim.consented_at + days(claim.review_days) if claim.consented_at else None


def dispute_deadline(claim: "Claim") -> datetime | None:
    """Until when Dispute and Submit must both have happened; opening a dispute does not extend it (DL-3)."""
    return claim.rejected_at + days(claim.dispute_days) if claim.rejected_at else None


# fmt: off
CLOCKS: dict[S, Callable[["Claim"], datetime | None]] = {
    S.CUSTOMER_CLAIMED: consent_deadline,
    S.AWAITING_CONSENT: consent_deadline,
    S.CONSENT_RECEIVED: submit_deadline,
    S.ACTION_REQUIRED:  review_deadline,
    S.REJECTED:         dispute_deadline,
    S.DISPUTED:         dispute_deadline,
}
# fmt: on


def deadline(claim: "Claim") -> datetime | None:
    """The instant at which the claim's present status runs out, or None where no clock runs."""
    clock = CLOCKS.get(S(claim.status))
    return clock(claim) if clock else None
