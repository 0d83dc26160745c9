"""Why a location or a customer is not eligible for an engagement: always reasons, never a bare no (ENG-7, WIZ-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.models import Enrolment, Location

from .models import Attainment, Engagement, ListedCustomer, PrivateListEntry
from .rates import pays_in


@dataclass(frozen=True)
class Reason:
    """One reason against, with the code that exports and tests use and the sentence that people read."""

    code: str
    text: str | Promise


INVALID_ID_TYPE = Reason("INVALID_ID_TYPE", _("Invalid customer ID type"))
LOCATION_NOT_ELIGIBLE = Reason("LOCATION_NOT_ELIGIBLE", _("Your location ID is not eligible"))
CUSTOMER_NOT_ELIGIBLE = Reason(
    "CUSTOMER_NOT_ELIGIBLE", _("Customer is not on the engagement's eligible customer list")
)
ENGAGEMENT_CLOSED = Reason("ENGAGEMENT_CLOSED", _("Engagement is closed to new claims"))
ENGAGEMENT_UPCOMING = Reason("ENGAGEMENT_UPCOMING", _("Engagement is not open yet"))


@dataclass(frozen=True)
class Standing:
    """Everything that the criteria look at of a location: the programme, its country, what it holds, its lists."""

    enrolled: bool
    country: str
    held: frozenset[str]
    lists: frozenset[int]


@dataclass(frozen=True)
class Criterion:
    """One line of the eligibility pop-in: what is asked, whether this location meets it, and what would meet it."""

    code: str
    met: bool
    alternatives: tuple[str, ...] = ()

    @property
    def text(self) -> str | Promise:
        return TEXTS[self.code]


TEXTS: dict[str, str | Promise] = {
    "enrolled": _("Enrolled in the programme"),
    "country": _("In a country/region that the engagement pays for"),
    "designation": _("One of these designations or specializations"),
    "list": _("On the engagement's list of eligible partners"),
}


def with_rates(engagements: Iterable[Engagement]) -> list[Engagement]:
    """The engagements with all their rate cards, read once for a whole page."""
    engagements = list(engagements)
    prefetch_related_objects(engagements, "rate_cards__market_list")
    return engagements


def standings(locations: Iterable[int], day: date) -> dict[int, Standing]:
    """How each of these locations (by key) stands on this day, in a number of queries that does not grow with them."""
    locations = list(locations)
    held: dict[int, set[str]] = {}
    attained = Attainment.objects.held_on(day).filter(location__in=locations).order_by()
    for location, code in attained.values_list("location", "designation"):
        held.setdefault(location, set()).add(code)
    lists: dict[int, set[int]] = {}
    entries = PrivateListEntry.objects.filter(location__in=locations)
    for location, engagement in entries.values_list("location", "engagement"):
        lists.setdefault(location, set()).add(engagement)
    places = Location.objects.filter(pk__in=locations).order_by()
    return {
        pk: Standing(
            status == Enrolment.Status.ENROLLED,
            str(country),
            frozenset(held.get(pk, ())),
            frozenset(lists.get(pk, ())),
        )
        for pk, country, status in places.values_list("pk", "country", "enrolment__status")
    }


def criteria(engagement: Engagement, standing: Standing, day: date) -> list[Criterion]:
    """Everything the engagement asks of a location, each met or not on this day: the one law of eligibility (ENG-7)."""
    asked = [Criterion("enrolled", standing.enrolled)]
    if engagement.payout:
        asked.append(Criterion("country", pays_in(engagement, standing.country, day)))
    if codes := tuple(engagement.partner_criteria_any):
        asked.append(Criterion("designation", not standing.held.isdisjoint(codes), codes))
    if engagement.private_list:
        asked.append(Criterion("list", engagement.pk in standing.lists))
    return asked


def is_eligible(engagement: Engagement, standing: Standing, day: date) -> bool:
    return all(criterion.met for criterion in criteria(engagement, standing, day))


def why_location_ineligible(engagement: Engagement, standing: Standing, day: date) -> list[Reason]:
    return [] if is_eligible(engagement, standing, day) else [LOCATION_NOT_ELIGIBLE]


def why_not_open(engagement: Engagement, today: date) -> list[Reason]:
    """Whether new claims are taken on this day; an engagement's end never touches open claims (DL-7)."""
    return {"upcoming": [ENGAGEMENT_UPCOMING], "closed": [ENGAGEMENT_CLOSED]}.get(
        engagement.availability(today), []
    )


Listed = tuple[int, str, str]


def listed_for(engagements: Iterable[Engagement], ids: Iterable[tuple[str, str]]) -> set[Listed]:
    """Which of these (kind, value) IDs stand on which engagement's list of customers, read once for a whole page."""
    named = Q(pk__in=[])
    for kind, value in ids:
        named |= Q(kind=kind, value=value)
    with_list = [e.pk for e in engagements if e.customer_list]
    return set(
        ListedCustomer.objects.filter(named, engagement__in=with_list).values_list(
            "engagement_id", "kind", "value"
        )
    )


def why_customer_ineligible(
    engagement: Engagement, kind: str, ids: Iterable[tuple[str, str]], listed: set[Listed]
) -> list[Reason]:
    """Whether this very ID may be claimed: a domain is judged by its tenant, any other ID as given (LIM-6).

    `ids` are all that the customer is known by for the list.
    """
    if kind not in engagement.id_types:
        return [INVALID_ID_TYPE]
    if engagement.customer_list and not any((engagement.pk, *known) in listed for known in ids):
        return [CUSTOMER_NOT_ELIGIBLE]
    return []
