"""Which engagements can be claimed for a customer by a location, and why the others cannot (WIZ-4)."""

from collections.abc import Iterable, Sequence
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
from engagements.rates import Payable, payable
from incentives.models import Location

from .limits import Candidate, Room, room, tally, why_limited
from .models import CustomerIdentity


@dataclass(frozen=True)
class Offer:
    """One engagement with every reason against claiming it now; without a reason it can be claimed.

    `pays` is what a claim, or one hour of a variable payout, would be paid today; `rooms` what is left of each limit.
    """

    engagement: Engagement
    reasons: list[Reason] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    pays: Payable | None = None

    @property
    def eligible(self) -> bool:
        return not self.reasons


def offers(
    engagements: Iterable[Engagement],
    location: Location,
    customer: CustomerIdentity,
    *,
    now: datetime,
    before: Sequence[Candidate] = (),
) -> list[Offer]:
    """Judge each engagement by location, customer, dates, rates and limits.

    `before` are claims of the same company that are not created yet and will be first.
    """
    engagements, today = with_rates(engagements), now.date()
    standing = standings([location.pk], today)[location.pk]
    country = location.country.code
    customers = [customer, *(wish.customer for wish in before if wish.customer)]
    counts = tally(engagements, customers, partner=location.partner, countries=[country], now=now)
    for wish in before:
        counts.add(wish)
    listed = listed_for(engagements, customer.known_by)
    found = []
    for engagement in engagements:
        pays, wish = payable(engagement, country, today, hours=1), Candidate(engagement, customer, country)
        reasons = (
            why_customer_ineligible(engagement, customer.kind, customer.known_by, listed)
            + (why_location_ineligible(engagement, standing, today) or why_unpaid(pays))
            + why_not_open(engagement, today)
            + why_limited(wish, counts)
        )
        found.append(Offer(engagement, reasons, room(wish, counts), pays))
    return found


def why_unpaid(pays: Payable | None) -> list[Reason]:
    """A location whose country is in no market of the engagement's rate card cannot earn from it."""
    return [] if pays else [LOCATION_NOT_ELIGIBLE]
