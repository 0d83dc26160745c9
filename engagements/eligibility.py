"""Why a location or a customer is not eligible for an engagement: always reasons, never a bare no (ENG-7, WIZ-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.models import Enrolment, Location

from .models import Engagement, ListedCustomer, PrivateListEntry
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
class Criterion:
    """One line of the eligibility pop-in: what is asked, what meets it, and whether this location does."""

    text: str | Promise
    met: bool
    alternatives: tuple[str, ...] = ()


def private_lists(engagements: Iterable[Engagement]) -> set[tuple[int, int]]:
    """The (engagement, location) pairs on private lists, read once for a whole page, as are all rate cards."""
    engagements = list(engagements)
    prefetch_related_objects(engagements, "rate_cards__market_list")
    entries = PrivateListEntry.objects.filter(engagement__in=[e.pk for e in engagements if e.private_list])
    return set(entries.values_list("engagement_id", "location_id"))


def criteria(engagement: Engagement, location: Location, listed: set[tuple[int, int]]) -> list[Criterion]:
    """Everything the engagement asks of a location, each met or not (ENG-7)."""
    asked = [
        Criterion(_("Enrolled in the programme"), location.enrolment.status == Enrolment.Status.ENROLLED)
    ]
    if engagement.payout:
        paid = pays_in(engagement, location.country.code)
        asked.append(Criterion(_("In a country/region that the engagement pays for"), paid))
    if codes := tuple(engagement.partner_criteria_any):
        met = not set(codes).isdisjoint(location.designations)
        asked.append(Criterion(_("One of these designations or specializations"), met, codes))
    if engagement.private_list:
        on_list = (engagement.pk, location.pk) in listed
        asked.append(Criterion(_("On the engagement's list of eligible partners"), on_list))
    return asked


def is_eligible(engagement: Engagement, location: Location, listed: set[tuple[int, int]]) -> bool:
    return all(criterion.met for criterion in criteria(engagement, location, listed))


def why_location_ineligible(
    engagement: Engagement, location: Location, listed: set[tuple[int, int]]
) -> list[Reason]:
    return [] if is_eligible(engagement, location, listed) else [LOCATION_NOT_ELIGIBLE]


def why_not_open(engagement: Engagement, today: date) -> list[Reason]:
    """Whether new claims are taken on this day; an engagement's end never touches open claims (DL-7)."""
    return {"upcoming": [ENGAGEMENT_UPCOMING], "closed": [ENGAGEMENT_CLOSED]}.get(
        engagement.availability(today), []
    )


def listed_for(engagements: Iterable[Engagement], ids: Iterable[tuple[str, str]]) -> set[int]:
    """The engagements whose eligible-customer list names one of these (kind, value) IDs, read once for a whole page."""
    named = Q(pk__in=[])
    for kind, value in ids:
        named |= Q(kind=kind, value=value)
    with_list = [e.pk for e in engagements if e.customer_list]
    return set(
        ListedCustomer.objects.filter(named, engagement__in=with_list).values_list("engagement_id", flat=True)
    )


def why_customer_ineligible(engagement: Engagement, kind: str, listed: set[int]) -> list[Reason]:
    """Whether this very ID may be claimed: a domain is judged by its tenant, any other ID as given (LIM-6)."""
    if kind not in engagement.id_types:
        return [INVALID_ID_TYPE]
    if engagement.customer_list and engagement.pk not in listed:
        return [CUSTOMER_NOT_ELIGIBLE]
    return []
