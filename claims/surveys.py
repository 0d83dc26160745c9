"""What the surveys report to the claim: that one was sent, that one was completed; never an answer (SUR-5)."""

from datetime import datetime

from incentives.models import User

from .lifecycle import ask, deed, lock, record
from .models import Claim
from .states import Party

PARTY = {"customer": Party.CUSTOMER, "partner": Party.PARTNER}


@deed
def sent(claim: Claim, audience: str, *, by: User, now: datetime) -> Claim:
    """A survey mail was posted to the customer or the partner contact."""
    lock(claim, now=now)
    ask(claim, "send_surveys", Party.PARTNER, now=now)
    setattr(claim, f"{audience}_survey_sent_at", now)
    claim.updated_at = now
    claim.save(update_fields=[f"{audience}_survey_sent_at", "updated_at"])
    record(claim, f"send_{audience}_survey", party=Party.PARTNER, by=by, now=now)
    return claim


@deed
def completed(claim: Claim, audience: str, *, now: datetime, by: User | None = None) -> Claim:
    """A survey was answered; the tracker turns green."""
    lock(claim, now=now)
    ask(claim, f"answer_{audience}_survey", PARTY[audience], now=now)
    setattr(claim, f"{audience}_survey_done_at", now)
    claim.updated_at = now
    claim.save(update_fields=[f"{audience}_survey_done_at", "updated_at"])
    record(claim, f"complete_{audience}_survey", party=PARTY[audience], by=by, now=now)
    return claim
