"""The five activity limits: counted for a list of engagements at once, and again under locks (LIM-1 to LIM-5)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from engagements.eligibility import Reason
from engagements.models import Engagement
from incentives.models import Location

from .models import Claim, CustomerIdentity
from .models.claim import ClaimQuerySet
from .states import Status

LIMIT_OPEN_AREA = Reason(
    "LIMIT_OPEN_SA", _("Limit reached: open claims for this customer in the solution area")
)
LIMIT_CONSENTS = Reason("LIMIT_CONSENT_QTY", _("Limit reached: customer consents for the engagement"))
LIMIT_UNIQUE = Reason("LIMIT_UNIQUE_CUSTOMERS", _("Limit reached: customers of your company in this country"))
LIMIT_APPROVED = Reason("LIMIT_APPROVED", _("Limit reached: approved claims for this customer"))
LIMIT_CONCURRENT = Reason("LIMIT_CONCURRENT", _("Limit reached: open claims for this customer"))


@dataclass(frozen=True)
class Tally:
    """What counts towards each limit right now, by engagement where the limit is the engagement's."""

    open_in_area: int
    consents: Counter[int]
    unique_customers: dict[int, set[int]]
    approved: Counter[int]
    concurrent: Counter[int]
    customer_id: int


def tally(
    engagements: Iterable[Engagement], location: Location, customer: CustomerIdentity, *, now: datetime
) -> Tally:
    """Count everything the limits ask about, in a number of queries that does not grow with the engagements."""
    engagements = list(engagements)
    counted = customer.counts_as
    claims = Claim.objects.filter(engagement__in=engagements)
    by_tpid = [
        e.pk
        for e in engagements
        if e.limit_scope == Engagement.Scope.TPID and e.payout == Engagement.Payout.FIXED
    ]
    same_customer = claims.filter(
        Q(counts_as=counted) | Q(engagement__in=by_tpid, counts_as__organization=counted.organization_id)
    )
    areas = {e.solution_area_id for e in engagements}
    in_area = Claim.objects.open(now).filter(
        engagement__solution_area__in=areas, partner=location.partner_id, counts_as=counted
    )
    of_country = claims.filter(partner=location.partner_id, location__country=location.country)
    unique: dict[int, set[int]] = {}
    for engagement, identity in (
        of_country.open(now) | of_country.filter(status=Status.APPROVED)
    ).values_list("engagement", "counts_as"):
        unique.setdefault(engagement, set()).add(identity)
    return Tally(
        open_in_area=in_area.count(),
        consents=per_engagement(claims.filter(consented_at__isnull=False)),
        unique_customers=unique,
        approved=per_engagement(same_customer.filter(status=Status.APPROVED)),
        concurrent=per_engagement(same_customer.open(now)),
        customer_id=counted.pk,
    )


def per_engagement(claims: ClaimQuerySet) -> Counter[int]:
    return Counter(dict(claims.order_by().values_list("engagement").annotate(n=Count("pk"))))


def why_limited(engagement: Engagement, counts: Tally) -> list[Reason]:
    """Every limit that a new claim for this engagement would break."""
    customers = counts.unique_customers.get(engagement.pk, set()) - {counts.customer_id}
    used = (
        (LIMIT_OPEN_AREA, engagement.solution_area.open_claims_limit, counts.open_in_area),
        (LIMIT_CONSENTS, engagement.limit_consents, counts.consents[engagement.pk]),
        (LIMIT_UNIQUE, engagement.limit_unique_customers, len(customers)),
        (LIMIT_APPROVED, engagement.limit_approved, counts.approved[engagement.pk]),
        (LIMIT_CONCURRENT, engagement.limit_concurrent, counts.concurrent[engagement.pk]),
    )
    return [reason for reason, limit, count in used if limit is not None and count >= limit]
