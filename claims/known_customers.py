"""The customers that a company knows, sorted by whether they can be claimed for an engagement today (ENG-5).

Fixed payout: whoever ever gave the company consent, with their claims of this engagement that the person may see, and
everybody with an open claim. Variable payout: only the customers of open claims.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.functional import cached_property

from engagements.eligibility import (
    LOCATION_NOT_ELIGIBLE,
    Reason,
    is_eligible,
    listed_for,
    standings,
    why_customer_ineligible,
    why_not_open,
    with_rates,
)
from engagements.models import Engagement, ListedCustomer
from incentives.models import Location, User

from .customers import CustomersForm, consented_customers
from .limits import Candidate, Room, Tally, full_for, room, tally, why_limited
from .listing import claims_of
from .models import Claim, CustomerIdentity
from .models.claim import ClaimQuerySet, open_at
from .search import find_customers

# What customers can be ordered by, other than their names: the foremost of their claims.
RANKS = {
    "id": "pk",
    "name": "sort_name",
    "partner_number": "location__partner_number",
    "partner": "location__name",
    "updated": "updated_at",
    "status": "status",
    "expiry": "expires_at",
}
CLAIMS_SHOWN = 5  # of one customer; the others stand under Complete


@dataclass
class KnownCustomer:
    """One customer with its latest claims of the engagement, and what is against a new one.

    Only who gave consent before is claimed from here; others are added (reading 3.25).
    """

    customer: CustomerIdentity
    consented: bool
    claims: list[Claim] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    has_more: bool = False


class KnownCustomers:
    """The customers of one engagement as one person may see them at one instant."""

    def __init__(self, engagement: Engagement, user: User, *, now: datetime) -> None:
        self.engagement, self.user, self.partner, self.now = engagement, user, user.partner, now
        self.fixed = engagement.payout == Engagement.Payout.FIXED
        places = list(Location.objects.visible_to(user).enrolled())
        today = now.date()
        standing = standings([place.pk for place in places], today)
        with_rates([engagement])
        able = [place for place in places if is_eligible(engagement, standing[place.pk], today)]
        self.countries = sorted({place.country.code for place in able})
        self.blanket = why_not_open(engagement, today) + ([] if able else [LOCATION_NOT_ELIGIBLE])
        self._claims = claims_of(user, now=now).filter(engagement=engagement)
        self._consented = consented_customers(user).annotate(counted=Coalesce("tenant", "pk"))

    def customers(self, form: CustomersForm) -> QuerySet[CustomerIdentity]:
        """The customers of a tab, by name or by the foremost of their claims in the wanted order."""
        if not form.is_valid():
            return CustomerIdentity.objects.none()
        words, claims = form.chosen("search"), form.claims()
        if form.tab.key == "eligible":
            narrowed = bool(form.chips()) or bool(form.chosen("range"))
            found = self.eligible(claims, words=words, narrowed=narrowed)
        else:
            found = self.ineligible(words=words)
        found = found.select_related("organization", "tenant__organization")
        sort = form.sort_in_use()
        back, by = sort.startswith("-"), RANKS.get(sort.lstrip("-"))
        if by is None:
            return found.order_by("-organization__name" if back else "organization__name", "pk")
        theirs = claims.filter(customer=OuterRef("pk")).order_by(f"-{by}" if back else by).values(by)
        rank = F("rank").desc(nulls_last=True) if back else F("rank").asc(nulls_last=True)
        return found.annotate(rank=Subquery(theirs[:1])).order_by(rank, "organization__name", "pk")

    def eligible(self, claims: ClaimQuerySet, *, words: str, narrowed: bool) -> QuerySet[CustomerIdentity]:
        """Those who can be claimed today, and those with an open claim among these."""
        shown = Q(pk__in=claims.open(self.now).order_by().values("customer"))
        if self.fixed:
            able = self._consented.exclude(self._full())
            if narrowed:
                able = able.filter(pk__in=claims.order_by().values("customer"))
            elif words:
                able = able.filter(find_customers(words) | Q(pk__in=claims.order_by().values("customer")))
            shown |= Q(pk__in=able.values("pk"))
        return CustomerIdentity.ever.filter(shown)

    def ineligible(self, *, words: str) -> QuerySet[CustomerIdentity]:
        """Those who gave consent once, have no open claim here, and cannot be claimed today."""
        if not self.fixed:
            return CustomerIdentity.objects.none()
        busy = self._claims.filter(open_at(self.now)).order_by().values("customer")
        found = self._consented.filter(self._full()).exclude(pk__in=busy)
        return found.filter(find_customers(words)) if words else found

    def _full(self) -> Q:
        """What keeps a customer from being claimed today, as a condition."""
        if self.blanket:
            return ~Q(pk__in=[])
        engagement = self.engagement
        found = ~Q(kind__in=engagement.id_types)
        if engagement.customer_list:
            listed = ListedCustomer.objects.filter(engagement=engagement)
            same = listed.filter(kind=OuterRef("kind"), value=OuterRef("value"))
            tenant = listed.filter(kind=OuterRef("tenant__kind"), value=OuterRef("tenant__value"))
            found |= ~(Q(Exists(same)) | Q(Exists(tenant)))
        return found | full_for(
            engagement, partner=self.partner, countries=self.countries, counts=self._counts, now=self.now
        )

    def rows(
        self, customers: Iterable[CustomerIdentity], claims: ClaimQuerySet | None
    ) -> list[KnownCustomer]:
        """The customers of a page with their claims among these, in a number of queries that does not grow."""
        customers = list(customers)
        keys = [customer.pk for customer in customers]
        consented = (
            set(self._consented.filter(pk__in=keys).values_list("pk", flat=True)) if self.fixed else set()
        )
        reasons = self._reasons(customers)
        rows = {
            customer.pk: KnownCustomer(customer, customer.pk in consented, reasons=reasons[customer.pk])
            for customer in customers
        }
        if claims is not None:
            place = Window(RowNumber(), partition_by=F("customer"), order_by=F("pk").desc())
            latest = claims_of(self.user, now=self.now).filter(
                pk__in=claims.filter(customer__in=keys).order_by().values("pk")
            )
            latest = latest.order_by("-pk").annotate(place=place)
            for claim in latest.filter(place__lte=CLAIMS_SHOWN + 1):
                row = rows[claim.customer_id]
                row.has_more = claim.place > CLAIMS_SHOWN
                if not row.has_more:
                    row.claims.append(claim)
        return list(rows.values())

    def _reasons(self, customers: list[CustomerIdentity]) -> dict[int, list[Reason]]:
        """Everything against a claim today, by each of the person's eligible locations; an empty list is none."""
        engagement = self.engagement
        listed = listed_for([engagement], {known for customer in customers for known in customer.known_by})
        counts = self._counted(customers)
        found = {}
        for customer in customers:
            limited = [
                why_limited(Candidate(engagement, customer, country), counts) for country in self.countries
            ]
            everywhere = (
                [reason for reason in limited[0] if all(reason in one for one in limited)] if limited else []
            )
            itself = why_customer_ineligible(engagement, customer.kind, customer.known_by, listed)
            found[customer.pk] = itself + self.blanket + everywhere
        return found

    @cached_property
    def _counts(self) -> Tally:
        """What counts before there is a customer."""
        return self._counted([])

    def _counted(self, customers: Iterable[CustomerIdentity]) -> Tally:
        return tally(
            [self.engagement], customers, partner=self.partner, countries=self.countries, now=self.now
        )

    def rooms(self) -> list[Room]:
        """What is left before there is a customer: the company's own limit for each country of an eligible location."""
        places = [room(Candidate(self.engagement, None, country), self._counts) for country in self.countries]
        return [one for same in zip(*places, strict=True) for one in (same if same[0].country else same[:1])]
