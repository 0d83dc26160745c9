"""The customers of an engagement as a person's claims know them: the tabs of its Customers page, and who is active."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement
from incentives.models import User

from .listing import COLUMNS, Column, claims_of
from .models import Claim, CustomerIdentity
from .states import CLOSED, OPEN, Status


@dataclass(frozen=True)
class Tab:
    """One tab: its name in the address and on the page, the statuses it shows, and what it is about."""

    key: str
    name: str | Promise
    statuses: frozenset[Status]
    about: str | Promise


TABS = (
    Tab(
        "eligible",
        _("Eligible"),
        OPEN | CLOSED,
        _("Customers who can be claimed today or have an open claim, and what is to be done next for each."),
    ),
    Tab(
        "ineligible",
        _("Ineligible"),
        OPEN | CLOSED,
        _("Customers who gave your company consent before and cannot be claimed for this engagement today."),
    ),
    Tab(
        "complete",
        _("Complete"),
        CLOSED,
        _("Claims that have come to an end: approved, rejected, cancelled, declined or expired."),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
SHOWN: list[Column] = [
    BY_KEY[key] for key in ("customer", "id", "name", "partner_number", "partner", "updated", "status")
]


def claims_in(tab: Tab, engagement: Engagement, user: User, *, now: datetime) -> QuerySet:
    """The claims of one tab, as they are at this instant."""
    return claims_of(user, now=now).filter(engagement=engagement, current_status__in=tab.statuses)


def consented_customers(user: User) -> QuerySet[CustomerIdentity]:
    """Whoever ever gave the person's company consent on a claim of fixed payout, at whichever location (ENG-5)."""
    given = Claim.objects.filter(
        partner=user.partner_id, consented_at__isnull=False, engagement__payout=Engagement.Payout.FIXED
    )
    return CustomerIdentity.objects.filter(pk__in=given.order_by().values("customer"))


def active_customers(
    engagements: Iterable[int], user: User, *, location: str, now: datetime
) -> dict[int, int]:
    """How many customers have an open claim for each engagement (by key), at one location (by PartnerID) or at all."""
    claims = Claim.objects.visible_to(user).open(now).filter(engagement__in=list(engagements)).order_by()
    if location:
        claims = claims.filter(location__partner_number=location)
    return dict(claims.values_list("engagement").annotate(Count("counts_as", distinct=True)))
