"""The customers that a company knows, sorted by whether they can be claimed for an engagement today (ENG-5).

Fixed payout: whoever ever gave the company consent, with their claims of this engagement that the person may see, and
everybody with an open claim. Variable payout: only the customers of open claims.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lower, RowNumber
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

from .by_name import customers_by_name
from .customers import CustomersForm, consented_customers, consents
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
COUNTED = Coalesce("tenant", "pk")
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
        self._consented = consented_customers(user).annotate(counted=COUNTED)

    def keys(self, form: CustomersForm, limit: int, start: int) -> list[int]:
        """The keys of some customers of a tab, by name or by the foremost of their claims in the wanted order."""
        if not form.is_valid():
            return []
        words, claims, sort = form.chosen("search"), form.claims(), form.sort_in_use()
        if form.tab.key != "eligible":
            return keys_of(self.in_order(self.ineligible(words=words), claims, sort), limit, start)
        narrowed = bool(form.chips()) or bool(form.chosen("range"))
        if words or narrowed:
            found = self.eligible(claims, words=words, narrowed=narrowed)
            return keys_of(self.in_order(found, claims, sort), limit, start)
        if sort.lstrip("-") not in RANKS:
            return self.eligible_by_name(claims, limit, start, back=sort.startswith("-"))
        return self.eligible_by_claim(claims, sort, limit, start)

    def in_order(
        self, found: QuerySet[CustomerIdentity], claims: ClaimQuerySet, sort: str
    ) -> QuerySet[CustomerIdentity]:
        name = Lower("organization__name")
        back, by = sort.startswith("-"), RANKS.get(sort.lstrip("-"))
        if by is None:
            return found.order_by(name.desc(), "-pk") if back else found.order_by(name, "pk")
        theirs = having(by, claims).filter(customer=OuterRef("pk"))
        theirs = theirs.order_by(f"-{by}" if back else by).values(by)
        rank = F("rank").desc(nulls_last=True) if back else F("rank").asc(nulls_last=True)
        return found.annotate(rank=Subquery(theirs[:1])).order_by(rank, name, "pk")

    def eligible_by_name(self, claims: ClaimQuerySet, limit: int, start: int, *, back: bool) -> list[int]:
        """The keys of some of those whom `eligible` has for claims that nothing narrows."""
        able = CustomerIdentity.objects.none()
        if self.fixed:
            able = CustomerIdentity.objects.annotate(counted=COUNTED).exclude(self._full())
        busy, given = claims.open(self.now), consents(self.user)
        return customers_by_name(busy, given, able, limit=limit, start=start, back=back)

    def eligible_by_claim(self, claims: ClaimQuerySet, sort: str, limit: int, start: int) -> list[int]:
        """The same by the foremost of their claims; those who have none to order by follow by name."""
        found = self.eligible(having(RANKS[sort.lstrip("-")], claims), words="", narrowed=True)
        claimed = keys_of(self.in_order(found, claims, sort), start + limit, 0)
        if len(claimed) < start + limit:
            others = self.eligible_by_name(claims, start + limit, 0, back=False)
            known = set(claimed)
            claimed += [key for key in others if key not in known]
        return claimed[start : start + limit]

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

    def by_key(self, keys: list[int]) -> dict[int, CustomerIdentity]:
        """The customers of a page, in one query."""
        return CustomerIdentity.ever.select_related("organization", "tenant__organization").in_bulk(keys)

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


def having(by: str, claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims that can be foremost by this: a closed one, for example, has no deadline."""
    return claims.filter(**{f"{by}__isnull": False})


def keys_of(found: QuerySet[CustomerIdentity], limit: int, start: int) -> list[int]:
    return list(found.values_list("pk", flat=True)[start : start + limit])
