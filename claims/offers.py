"""Which engagements can be claimed for a customer by a location, and why the others cannot (WIZ-4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from engagements.eligibility import (
    LOCATION_NOT_ELIGIBLE,
    Reason,
    listed_for,
    standings,
    why_customer_ineligible,
    why_location_ineligible,
    why_not_open,
    with_rates,
)
from engagements.models import Engagement
from engagements.rates import payable
from incentives.models import Location

from .limits import tally, why_limited
from .models import CustomerIdentity


@dataclass(frozen=True)
class Offer:
    """One engagement with every reason against claiming it now; without a reason it can be claimed."""

    engagement: Engagement
    reasons: list[Reason] = field(default_factory=list)

    @property
    def eligible(self) -> bool:
        return not self.reasons


def offers(
    engagements: Iterable[Engagement], location: Location, customer: CustomerIdentity, *, now: datetime
) -> list[Offer]:
    """Judge each engagement by location, customer, dates, rates and limits."""
    engagements, today = with_rates(engagements), now.date()
    standing = standings([location.pk], today)[location.pk]
    counts = tally(engagements, location, customer, now=now)
    customers = listed_for(engagements, {(i.kind, i.value) for i in (customer, customer.counts_as)})
    return [
        Offer(
            engagement,
            why_customer_ineligible(engagement, customer.kind, customers)
            + (why_location_ineligible(engagement, standing, today) or why_unpaid(engagement, location, now))
            + why_not_open(engagement, today)
            + why_limited(engagement, counts),
        )
        for engagement in engagements
    ]


def why_unpaid(engagement: Engagement, location: Location, now: datetime) -> list[Reason]:
    """A location whose country is in no market of the engagement's rate card cannot earn from it."""
    if engagement.payout != Engagement.Payout.FIXED or payable(engagement, location.country.code, now.date()):
        return []
    return [LOCATION_NOT_ELIGIBLE]
