"""The list of engagements: its columns and filters, and how many of a person's locations may earn on each (ENG-1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incentives.listing import Column, ListForm, finds, fold, is_among, one, several
from incentives.models import Location

from .eligibility import is_eligible, private_lists
from .models import Engagement


class Availability(TextChoices):
    """Whether new claims are taken; the order is that in which people want to see them."""

    ACTIVE = "active", _("Active")
    UPCOMING = "upcoming", _("Upcoming")
    CLOSED = "closed", _("Closed")

    @property
    def tone(self) -> str:
        return {self.ACTIVE: "good", self.UPCOMING: "waiting"}.get(self, "off")


@dataclass(frozen=True)
class EngagementRow:
    """One engagement as this person sees it today."""

    engagement: Engagement
    availability: Availability
    eligible: int
    enrolled: int
    customers: int


def rows(
    engagements: Iterable[Engagement],
    locations: Iterable[Location],
    customers: Mapping[int, int],
    today: date,
) -> list[EngagementRow]:
    """A row for each engagement, counting these enrolled locations and the active customers told by the caller."""
    engagements = list(engagements)
    places = [Place.of(location) for location in locations]
    listed = private_lists(engagements)
    return [
        EngagementRow(
            engagement,
            Availability(engagement.availability(today)),
            count_eligible(engagement, places, listed),
            len(places),
            customers.get(engagement.pk, 0),
        )
        for engagement in engagements
    ]


@dataclass(frozen=True)
class Place:
    """A location with everything that a criterion can look at, read once for all engagements."""

    location: Location
    standing: tuple[str, str]
    designations: frozenset[str]

    @classmethod
    def of(cls, location: Location) -> "Place":
        standing = (location.enrolment.status, location.country.code)
        return cls(location, standing, frozenset(location.designations))


def count_eligible(engagement: Engagement, places: Iterable[Place], listed: set[tuple[int, int]]) -> int:
    """How many of the locations are eligible; those that the criteria cannot tell apart are judged once."""
    wanted = frozenset(engagement.partner_criteria_any)
    alike: dict[Any, list[Location]] = {}
    for place in places:
        key = (place.standing, place.designations & wanted, (engagement.pk, place.location.pk) in listed)
        alike.setdefault(key, []).append(place.location)
    return sum(len(group) for group in alike.values() if is_eligible(engagement, group[0], listed))


ORDER = list(Availability)


class EngagementListForm(ListForm):
    default_sort = "name"
    columns = (
        Column("name", _("Name"), lambda row: fold(row.engagement.name)),
        Column("role", _("Partner role"), lambda row: fold(row.engagement.partner_role)),
        Column("availability", _("Availability"), lambda row: ORDER.index(row.availability)),
        Column("eligibility", _("Eligibility"), lambda row: row.eligible),
        Column("customers", _("Active customers"), lambda row: row.customers, "table__number"),
    )
    location = one(_("Location"))
    status = several(_("Status"))
    role = several(_("Partner role"))

    def __init__(self, data: QueryDict, locations: Iterable[Location], roles: Iterable[str]) -> None:
        places = [
            ("", _("All your enrolled locations")),
            *((place.partner_number, str(place)) for place in locations),
        ]
        super().__init__(
            data,
            location=places,
            status=Availability.choices,
            role=[(role, role) for role in sorted(set(roles))],
        )

    def matches(self, row: EngagementRow) -> bool:
        return (
            is_among(self.cleaned_data["status"], row.availability)
            and is_among(self.cleaned_data["role"], row.engagement.partner_role)
            and finds(self.cleaned_data["search"], row.engagement.name, row.engagement.workload)
        )

    def counted(self, locations: Sequence[Location]) -> Sequence[Location]:
        """The locations that the figures are about: all, or the one that was chosen."""
        return [place for place in locations if is_among(self.chosen("location"), place.partner_number)]
