"""The five activity limits: counted for many engagements or customers, and again under locks (LIM-1 to LIM-6)."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from engagements.eligibility import Reason
from engagements.models import Engagement
from incentives.models import Partner

from .models import Claim, CustomerIdentity
from .models.claim import open_at
from .states import Status


@dataclass(frozen=True)
class Candidate:
    """A claim that somebody would like to create: for this engagement, by a location in this country.

    The customer is None before there is one.
    """

    engagement: Engagement
    customer: CustomerIdentity | None
    country: str

    @property
    def counted(self) -> int:
        """Key of the identity that counts; nobody's before there is a customer."""
        return self.customer.counts_as.pk if self.customer else 0

    @property
    def families(self) -> list[tuple[str, int]]:
        """All that a claim is counted by: the customer's ID, and the TPID that it belongs to."""
        if self.customer is None:
            return []
        return [("identity", self.counted), ("organization", self.customer.counts_as.organization_id)]

    @property
    def family(self) -> tuple[str, int]:
        """What approved and open claims are counted by: the customer's ID, or its TPID where the owner set that."""
        if self.customer and self.engagement.counts_families:
            return "organization", self.customer.counts_as.organization_id
        return "identity", self.counted


def only_one(wish: Candidate) -> str:
    """What the database keeps unique where one open claim is the limit; empty for other limits (LIM-5)."""
    kind, key = wish.family
    return f"{kind}:{key}" if wish.engagement.limit_concurrent == 1 else ""


@dataclass
class Tally:
    """What counts towards each limit right now, for some engagements and some customers of one company."""

    open_in_area: Counter[tuple[str, int]] = field(default_factory=Counter)
    consents: Counter[int] = field(default_factory=Counter)
    customers: Counter[tuple[int, str]] = field(default_factory=Counter)
    is_customer: set[tuple[int, str, int]] = field(default_factory=set)
    approved: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    concurrent: Counter[tuple[int, str, int]] = field(default_factory=Counter)

    def add(self, wish: "Candidate") -> None:
        """Count one more open claim of the company, as though it had been created just now."""
        engagement, here = wish.engagement, (wish.engagement.pk, wish.country)
        self.open_in_area[engagement.solution_area_id, wish.counted] += 1
        if (*here, wish.counted) not in self.is_customer:
            self.is_customer.add((*here, wish.counted))
            self.customers[here] += 1
        for family in wish.families:
            self.concurrent[engagement.pk, *family] += 1


def tally(
    engagements: Iterable[Engagement],
    customers: Iterable[CustomerIdentity],
    *,
    partner: Partner | None,
    countries: Iterable[str],
    now: datetime,
) -> Tally:
    """Count everything the limits ask about, in a number of queries that grows with nothing that is asked.

    What counts towards a limit that an engagement does not have is not counted: it may be all of its claims.
    """
    engagements, found = list(engagements), Tally()
    counted = {customer.counts_as for customer in customers}
    ids, organizations = {one.pk for one in counted}, {one.organization_id for one in counted}
    claims = Claim.objects.filter(engagement__in=engagements).order_by()
    areas = {engagement.solution_area_id for engagement in engagements}
    in_area = Claim.objects.open(now).filter(
        engagement__solution_area__in=areas, partner=partner, counts_as__in=ids
    )
    by_area = in_area.order_by().values_list("engagement__solution_area", "counts_as").annotate(n=Count("pk"))
    for area, identity, n in by_area:
        found.open_in_area[area, identity] = n
    asked = [one for one in engagements if one.limit_consents is not None]
    given = claims.filter(engagement__in=asked, consented_at__isnull=False)
    found.consents = Counter(dict(given.values_list("engagement").annotate(n=Count("pk"))))
    here = claims.filter(
        open_at(now) | Q(status=Status.APPROVED),
        engagement__in=[one for one in engagements if one.limit_unique_customers is not None],
        partner=partner,
        location__country__in=set(countries),
    )
    per_country = here.values_list("engagement", "location__country")
    for engagement, country, n in per_country.annotate(n=Count("counts_as", distinct=True)):
        found.customers[engagement, str(country)] = n
    theirs = here.filter(counts_as__in=ids).values_list("engagement", "location__country", "counts_as")
    found.is_customer = set(theirs.distinct())
    of_family = Q(
        engagement__in=[one for one in engagements if one.counts_families],
        counts_as__organization__in=organizations,
    )
    per_customer = claims.filter(Q(counts_as__in=ids) | of_family).values_list(
        "engagement", "counts_as", "counts_as__organization"
    )
    for engagement, identity, organization, approved, concurrent in per_customer.annotate(
        approved=Count("pk", filter=Q(status=Status.APPROVED)), concurrent=Count("pk", filter=open_at(now))
    ):
        for family in (("identity", identity), ("organization", organization)):
            found.approved[engagement, *family] += approved
            found.concurrent[engagement, *family] += concurrent
    return found


@dataclass(frozen=True)
class Limit:
    """One limit: the reason when it is reached, what people call it, its number and what counts towards it.

    What others use of a limit that all partners share is nobody's business: only how much room there is may be told.
    """

    reason: Reason
    name: str | Promise
    most: Callable[[Engagement], int | None]
    used: Callable[[Tally, Candidate], int]
    shared: bool = False
    of_customer: bool = True
    of_country: bool = False


def other_customers(counts: Tally, wish: Candidate) -> int:
    """Customers of the company in the country other than the one in question, which does not count twice."""
    here = wish.engagement.pk, wish.country
    return counts.customers[here] - ((*here, wish.counted) in counts.is_customer)


LIMIT_OPEN_AREA = Reason(
    "LIMIT_OPEN_SA", _("Limit reached: open claims for this customer in the solution area")
)
LIMIT_CONSENTS = Reason("LIMIT_CONSENT_QTY", _("Limit reached: customer consents for the engagement"))
LIMIT_UNIQUE = Reason("LIMIT_UNIQUE_CUSTOMERS", _("Limit reached: customers of your company in this country"))
LIMIT_APPROVED = Reason("LIMIT_APPROVED", _("Limit reached: approved claims for this customer"))
LIMIT_CONCURRENT = Reason("LIMIT_CONCURRENT", _("Limit reached: open claims for this customer"))
LIMITS = (
    Limit(
        LIMIT_OPEN_AREA,
        _("Open claims of your company for this customer in the solution area"),
        lambda engagement: engagement.solution_area.open_claims_limit,
        lambda counts, wish: counts.open_in_area[wish.engagement.solution_area_id, wish.counted],
    ),
    Limit(
        LIMIT_CONSENTS,
        _("Customer consents for the engagement"),
        lambda engagement: engagement.limit_consents,
        lambda counts, wish: counts.consents[wish.engagement.pk],
        shared=True,
        of_customer=False,
    ),
    Limit(
        LIMIT_UNIQUE,
        _("Customers of your company in %(country)s"),
        lambda engagement: engagement.limit_unique_customers,
        other_customers,
        of_customer=False,
        of_country=True,
    ),
    Limit(
        LIMIT_APPROVED,
        _("Approved claims for this customer"),
        lambda engagement: engagement.limit_approved,
        lambda counts, wish: counts.approved[wish.engagement.pk, *wish.family],
        shared=True,
    ),
    Limit(
        LIMIT_CONCURRENT,
        _("Open claims for this customer"),
        lambda engagement: engagement.limit_concurrent,
        lambda counts, wish: counts.concurrent[wish.engagement.pk, *wish.family],
        shared=True,
    ),
)


def why_limited(wish: Candidate, counts: Tally) -> list[Reason]:
    """Every limit that this claim would break."""
    return [
        limit.reason
        for limit in LIMITS
        if (most := limit.most(wish.engagement)) is not None and limit.used(counts, wish) >= most
    ]


@dataclass(frozen=True)
class Room:
    """What is left of one limit: the number where only the company's own claims count, else whether it is little.

    `extent` is "each" for a limit of each customer before there is one; `country` is that of a limit by country.
    """

    name: str | Promise
    most: int
    left: int | None
    extent: str
    country: str = ""


def room(wish: Candidate, counts: Tally) -> list[Room]:
    """What is left of each limit, without a word about other partners' claims (LIM-6)."""
    return [
        room_within(limit, most, wish, counts)
        for limit in LIMITS
        if (most := limit.most(wish.engagement)) is not None
    ]


def room_within(limit: Limit, most: int, wish: Candidate, counts: Tally) -> Room:
    name = limit.name
    if limit.of_country:
        name %= {"country": countries.name(wish.country)}
    country = wish.country if limit.of_country else ""
    if limit.of_customer and wish.customer is None:
        return Room(name, most, None, "each", country)
    left = max(0, most - limit.used(counts, wish))
    extent = "none" if not left else "little" if left * 10 < most else "enough"
    return Room(name, most, None if limit.shared else left, extent, country)


def full_for(
    engagement: Engagement, *, partner: Partner | None, countries: Iterable[str], counts: Tally, now: datetime
) -> Q:
    """The customers (identities with `counted`) whom a limit keeps from a claim in each of these countries.

    The same law as `why_limited`, for a list of customers of any length: the two are compared by chance in the tests.
    """
    claims, full = Claim.objects.filter(engagement=engagement).order_by(), Q(pk__in=[])
    if (most := engagement.limit_consents) is not None and counts.consents[engagement.pk] >= most:
        return ~full
    if (most := engagement.solution_area.open_claims_limit) is not None:
        area = engagement.solution_area_id
        mine = Claim.objects.open(now).filter(engagement__solution_area=area, partner=partner)
        full |= at_least(most, mine.order_by(), "counts_as", "counted")
    key, by = (
        ("counts_as__organization", "organization")
        if engagement.counts_families
        else ("counts_as", "counted")
    )
    if (most := engagement.limit_approved) is not None:
        full |= at_least(most, claims.filter(status=Status.APPROVED), key, by)
    if (most := engagement.limit_concurrent) is not None:
        full |= at_least(most, claims.open(now), key, by)
    if (most := engagement.limit_unique_customers) is not None:
        used = {country: counts.customers[engagement.pk, country] for country in countries}
        if not any(n < most for n in used.values()):
            theirs = claims.filter(
                open_at(now) | Q(status=Status.APPROVED),
                partner=partner,
                location__country__in=[country for country, n in used.items() if n == most and most],
            )
            full |= ~Q(counted__in=theirs.values("counts_as"))
    return full


def at_least(most: int, claims: QuerySet, key: str, by: str) -> Q:
    """Those whose claims, grouped by this key, are so many or more."""
    if most == 0:
        return ~Q(pk__in=[])
    return Q(**{f"{by}__in": claims.values(key).annotate(n=Count("*")).filter(n__gte=most).values(key)})
