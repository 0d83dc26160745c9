"""What a person must do soon: about claims, engagements that close, locations and payee profiles (ENG-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import product
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement, Verdict
from incentives.enrolment import OPEN_TO_ENROL
from incentives.models import Enrolment, Location, LocationRole, User
from incentives.models.partners import LOCATION_TITLE, keys_visible_to
from incentives.models.payee import incomplete
from mail.models import Message

from .depth import fetch_keys
from .letters import lost_request
from .models import Claim
from .models.claim import ClaimQuerySet
from .orders import for_each
from .states import WAITING, Status

SHOWN_OF_A_CLAIM = (
    *("name", "status", "expires_at", "engagement__name", "customer__organization__name"),
    *(f"location__{part}" for part in LOCATION_TITLE),
)
NEAR = timedelta(days=14)
MANY = 1000


@dataclass(frozen=True)
class Matter:
    """One kind of thing to do: its key in the address, its heading, and what to do about each of them."""

    key: str
    name: str | Promise
    advice: str | Promise


@dataclass(frozen=True)
class MatterOfClaims(Matter):
    """Claims in these statuses whose clock still runs; `near` ones only when it soon runs out."""

    statuses: frozenset[Status]
    near: bool = False

    def clock_runs(self, now: datetime) -> Q:
        soon = Q(expires_at__lte=now + NEAR) & ~asked_in_vain() if self.near else Q()
        return Q(expires_at__gt=now) & soon

    def holds(self, now: datetime) -> Q:
        return Q(status__in=sorted(self.statuses)) & self.clock_runs(now)


def asked_in_vain() -> Q:
    """The claims that wait for the answer of a customer who never got the request."""
    return Q(lost_request(), status=Status.AWAITING_CONSENT)


UNREACHED = MatterOfClaims(
    "unreached",
    _("Consent request not delivered"),
    _(
        "The email came back or was refused: the customer knows nothing of it. Correct the address and send it again."
    ),
    frozenset({Status.AWAITING_CONSENT}),
)
# Each claim is told once, under the matter that fits it best.
BY_CLOCK = (
    MatterOfClaims(
        "action",
        _("Partner action required"),
        _(
            "A reviewer asked for something. Read the comment, mend the proof of execution and submit the claim again."
        ),
        frozenset({Status.ACTION_REQUIRED}),
    ),
    MatterOfClaims(
        "dispute",
        _("Rejected, can still be disputed"),
        _("If you disagree, dispute the claim and submit it again, both before the deadline."),
        frozenset({Status.REJECTED}),
    ),
    MatterOfClaims(
        "consent",
        _("Consent not requested"),
        _("Send the customer the request for consent. Without an answer the claim expires."),
        frozenset({Status.CUSTOMER_CLAIMED}),
    ),
    MatterOfClaims(
        "deadline",
        _("Deadline within 14 days"),
        _("Take the next step before the deadline, or the claim expires."),
        frozenset({Status.AWAITING_CONSENT, Status.CONSENT_RECEIVED, Status.DISPUTED}),
        near=True,
    ),
)
OF_CLAIMS = (UNREACHED, *BY_CLOCK)
OF_ENGAGEMENTS = (
    Matter(
        "closing",
        _("Engagements about to close"),
        _("Add customers until the last day. Claims that are open then run on to their own deadlines."),
    ),
)
OF_LOCATIONS = (
    Matter(
        "enrol",
        _("Locations to enroll"),
        _("Enroll these locations on the Overview page, so that they can claim."),
    ),
    Matter(
        "payee",
        _("Bank and tax details incomplete"),
        _("Earnings of these locations cannot be paid out before both are complete."),
    ),
)
MATTERS: dict[str, Matter] = {matter.key: matter for matter in OF_CLAIMS + OF_ENGAGEMENTS + OF_LOCATIONS}


def claims(now: datetime) -> ClaimQuerySet:
    """The claims that wait for somebody by their status and clock, of whichever matter."""
    any_of = reduce(or_, (matter.holds(now) for matter in BY_CLOCK))
    return Claim.objects.filter(any_of, status__in=sorted(WAITING)).order_by()


def unreached(places: Iterable[int] | QuerySet, *, now: datetime) -> ClaimQuerySet:
    """The claims at these locations whose request for consent reached nobody.

    They are found by the mails, of which few are lost; of the claims that wait for consent there may be very many.
    """
    lost = Message.objects.lost_requests().values("about")
    return Claim.objects.filter(UNREACHED.holds(now), pk__in=lost, location__in=places).order_by(
        "expires_at", "pk"
    )


def number_unreached(user: User, *, now: datetime) -> int:
    return unreached(keys_visible_to(user).values("location"), now=now).order_by()[: MANY + 1].count()


def number_of(some: ClaimQuerySet, user: User, *, at_most: int) -> int:
    """How many of these claims wait for this person, counted up to a limit.

    Location by location, so that PostgreSQL stops at the last one needed: it takes so few claims to wait that it would
    look for them all first.
    """
    here = some.filter(location=OuterRef("pk")).values("pk")[:at_most]
    places = Location.objects.visible_to(user).order_by()
    return places.values(claim=Each(here))[:at_most].count()


class Each(Func):
    """A row for each row of a subquery."""

    function = "unnest"
    set_returning = True

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(ArraySubquery(rows), output_field=BigIntegerField())


def closing(user: User, *, now: datetime) -> QuerySet:
    """The engagements that soon take no new claims, where a location of the person is eligible or has an open claim."""
    today, places = now.date(), keys_visible_to(user)
    eligible = Verdict.objects.filter(engagement=OuterRef("pk"), eligible=True, location__in=places)
    claimed = Claim.objects.open(now).filter(engagement=OuterRef("pk"), location__in=places).order_by()
    soon = today + timedelta(days=settings.CLOSING_DAYS)
    return (
        Engagement.objects.visible_to(user)
        .for_partners()
        .filter(opens_on__lte=today, closes_on__range=(today, soon))
        .filter(Exists(eligible) | Exists(claimed))
        .order_by("closes_on", "name")
    )


TO_ENROL = Q(enrolment__status__in=OPEN_TO_ENROL, enrolment__terms=None)
IN_OR_NEARLY = (Enrolment.Status.ENROLLED, Enrolment.Status.ACTION_REQUIRED)


def unpayable(now: datetime) -> Q:
    return Q(enrolment__status__in=IN_OR_NEARLY) & incomplete(now, of="payee__")


def administered(user: User) -> QuerySet:
    """The locations that this person may enrol and whose payee profile they may edit (ROLE-4, ROLE-5)."""
    return Location.objects.filter(roles__user=user, roles__role=LocationRole.Role.ADMIN)


def counts(user: User, *, now: datetime) -> dict[str, int]:
    """How many things there are to do, by matter; of the claims of each no more than one beyond a thousand."""
    of_claims = {
        matter.key: number_of(Claim.objects.filter(matter.holds(now)).order_by(), user, at_most=MANY + 1)
        for matter in BY_CLOCK
    }
    of_claims[UNREACHED.key] = number_unreached(user, now=now)
    return of_claims | counts_besides_claims(user, now=now)


def counts_besides_claims(user: User, *, now: datetime) -> dict[str, int]:
    places = administered(user).aggregate(
        enrol=Count("pk", filter=TO_ENROL), payee=Count("pk", filter=unpayable(now))
    )
    return {"closing": closing(user, now=now).order_by().count(), **places}


def count(user: User, *, now: datetime) -> str:
    """How many things there are to do altogether, for every page of the list."""
    of_claims = number_of(claims(now), user, at_most=MANY) + number_unreached(user, now=now)
    return altogether(of_claims, counts_besides_claims(user, now=now).values())


def altogether(of_claims: int, others: Iterable[int]) -> str:
    """Past a thousand claims it is only said that there are more: counting to the end takes longer than the page."""
    return f"{of_claims + sum(others):,}" if of_claims < MANY else f"{MANY:,}+"


def places_of(user: User) -> list[int]:
    """The keys of the locations that the person sees."""
    return list(keys_visible_to(user).order_by().values_list("location", flat=True).distinct())


def keys_by_deadline(
    matter: MatterOfClaims, places: list[int], *, now: datetime, limit: int, start: int = 0
) -> list[int]:
    """The keys of some claims of a matter at these locations, the next one to run out first.

    The first of each location and status come straight from an index, so that only these are sorted.
    """
    if matter is UNREACHED:
        return list(unreached(places, now=now).values_list("pk", flat=True)[start : start + limit])
    here = Claim.objects.filter(
        matter.clock_runs(now),
        location=RawSQL("named.place", ()),
        status=RawSQL("named.status", ()),
        status__in=sorted(WAITING),
    )
    foremost = here.order_by("expires_at", "pk").values("expires_at", "id")[: start + limit]
    groups = list(product(places, sorted(matter.statuses)))
    keys, given = for_each(
        foremost.query.sql_with_params(),
        place=("bigint", [place for place, _status in groups]),
        status=("text", [status for _place, status in groups]),
    )
    return fetch_keys((f"{keys} ORDER BY each.expires_at, each.id", given), limit=limit, start=start)


def claims_by_key(keys: Iterable[int]) -> dict[int, Claim]:
    """The claims with what a line of a matter shows, in one query."""
    found = Claim.objects.select_related("engagement", "location", "customer__organization").order_by()
    return found.only(*SHOWN_OF_A_CLAIM).in_bulk(list(keys))


def entries(matter: str, user: User, *, now: datetime) -> QuerySet:
    """The engagements or locations of a matter that is not about claims."""
    if MATTERS[matter] in OF_ENGAGEMENTS:
        return closing(user, now=now).select_related("solution_area")
    those = TO_ENROL if matter == "enrol" else unpayable(now)
    return administered(user).filter(those).select_related("enrolment")
