"""The customers of an engagement as a person's claims know them: the tabs of its Customers page, and who is active."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.forms import BoundField
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement
from incentives.models import User

from .list_form import Among, ClaimListForm
from .listing import BY_KEY, Column, claims_of
from .models import Claim, CustomerIdentity
from .models.claim import ClaimQuerySet
from .orders import Ground
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
SHOWN: list[Column] = [
    BY_KEY[key] for key in ("customer", "id", "name", "partner_number", "partner", "updated", "status")
]


class CustomersForm(ClaimListForm):
    """Reads the address of one tab: a list of claims of which the tab says what statuses it holds."""

    def __init__(self, data: QueryDict, ground: Ground, tab: Tab, *, now: datetime) -> None:
        super().__init__(data, ground, now=now)
        self.tab = tab

    def shown(self) -> list[Column]:
        return SHOWN

    def sort_in_use(self) -> str:
        return self.chosen("sort") or (self.default_sort if self.tab.key == "complete" else "customer")

    def claims(self) -> ClaimQuerySet:
        return super().claims().in_status(self.tab.statuses, self.now)

    def filters(self) -> list[BoundField]:
        return [field for field in super().filters() if field.name not in {"engagement", "payout"}]


def rows_in(user: User, now: datetime) -> Callable[[list[int]], dict[int, Claim]]:
    """Reads the claims of a page in one query, as they are at this instant."""
    return lambda keys: claims_of(user, now=now).order_by().in_bulk(keys)


def consented_customers(user: User) -> QuerySet[CustomerIdentity]:
    """Whoever ever gave the person's company consent on a claim of fixed payout, at whichever location (ENG-5)."""
    given = Claim.objects.filter(
        partner=user.partner_id, consented_at__isnull=False, engagement__payout=Engagement.Payout.FIXED
    )
    return CustomerIdentity.objects.filter(pk__in=given.order_by().values("customer"))


def consents(user: User) -> ClaimQuerySet:
    """The claims by which they did, in words that an index of claims answers: the engagements are read before."""
    fixed = Engagement.objects.filter(payout=Engagement.Payout.FIXED).order_by().values_list("pk", flat=True)
    of_company = Claim.objects.filter(partner=user.partner_id, consented_at__isnull=False)
    return of_company.filter(Among("engagement_id", list(fixed)))


def active_customers(
    engagements: Iterable[int], user: User, *, location: str, now: datetime
) -> dict[int, int]:
    """How many customers have an open claim for each engagement (by key), at one location (by PartnerID) or at all."""
    claims = Claim.objects.visible_to(user).open(now).filter(engagement__in=list(engagements)).order_by()
    if location:
        claims = claims.filter(location__partner_number=location)
    return dict(claims.values_list("engagement").annotate(Count("counts_as", distinct=True)))
