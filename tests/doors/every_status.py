"""A claim in each of the sixteen statuses, walked there once a module, ready for every move that the table knows."""

from datetime import datetime, timedelta

from claims import lifecycle
from claims.models import Claim
from claims.states import Status as S
from incentives.management.walk import prove
from tests.factories import EngagementFactory, LocationFactory, StaffFactory, UserFactory, claim_at, give_role

# A second claim under review, whose dispute is being judged: one rejection is for it, the other for the first.
DISPUTE_UNDER_REVIEW = "under_review after a dispute"


def claims_in_every_status(now: datetime) -> dict[str, Claim]:
    """By status; evidence is complete wherever it can be given, and a deal size and a rate are known."""
    location, reviewer = LocationFactory(), StaffFactory()
    user = give_role(UserFactory(partner=location.partner), location)
    facts = {"by": user, "location": location, "reviewer": reviewer, "engagement": EngagementFactory()}
    claims: dict[str, Claim] = {status: claim_at(status, now=now, **facts) for status in S}
    prove(claims[S.CONSENT_RECEIVED], reviewer, now - timedelta(hours=2))
    dispute = claim_at(S.DISPUTED, now=now, **facts)
    lifecycle.submit(dispute, by=user, now=now - timedelta(hours=2))
    claims[DISPUTE_UNDER_REVIEW] = lifecycle.start_review(dispute, by=reviewer, now=now - timedelta(hours=1))
    return claims
