"""The list of engagements: its columns and filters, and how many of a person's locations may earn on each (ENG-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet, TextChoices
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incentives.listing import Column, ListForm, finds, fold, is_among, one, several
from incentives.models import Location, User
from incentives.models.partners import LOCATION_TITLE, keys_visible_to, location_title

from .models import Engagement, Verdict
from .models.engagement import availability


class Availability(TextChoices):
    """Whether new claims are taken; the order is that in which people want to see them."""

    ACTIVE = "active", _("Active")
    UPCOMING = "upcoming", _("Upcoming")
    CLOSED = "closed", _("Closed")

    @property
    def tone(self) -> str:
        return {self.ACTIVE: "good", self.UPCOMING: "waiting"}.get(self, "off")


class Sketch(NamedTuple):
    """What the list says of an engagement: read as it is, since hundreds are ordered where a page shows a few."""

    pk: int
    code: str
    name: str
    workload: str
    partner_role: str
    opens_on: date
    closes_on: date | None


@dataclass
class EngagementRow:
    """One engagement as this person sees it today; its figures are counted for the rows that are shown."""

    engagement: Engagement | Sketch
    availability: Availability
    eligible: int = 0
    enrolled: int = 0
    customers: int = 0

    # Put into words here: a sentence made by a template costs as much as the rest of its row.
    @property
    def figure(self) -> str:
        return gettext("%(eligible)s of %(enrolled)s") % {
            "eligible": self.eligible,
            "enrolled": self.enrolled,
        }

    @property
    def figure_means(self) -> str:
        return gettext("enrolled locations are eligible for %(name)s") % {"name": self.engagement.name}


def rows(engagements: QuerySet[Engagement], today: date) -> list[EngagementRow]:
    """A row for each engagement, not counted yet."""
    sketches = map(Sketch._make, engagements.order_by().values_list(*Sketch._fields))
    return [
        EngagementRow(sketch, Availability(availability(sketch.opens_on, sketch.closes_on, today)))
        for sketch in sketches
    ]


def eligible_locations(engagements: Iterable[int], user: User, *, location: str = "") -> dict[int, int]:
    """How many of the person's locations are eligible for each engagement (by key), or whether the chosen one is."""
    verdicts = Verdict.objects.filter(
        eligible=True, engagement__in=list(engagements), location__in=keys_visible_to(user)
    )
    if location:
        verdicts = verdicts.filter(location__partner_number=location)
    return dict(verdicts.order_by().values_list("engagement").annotate(number=Count("*")))


ORDER = list(Availability)


class EngagementListForm(ListForm):
    default_sort = "name"
    columns = (
        Column("name", _("Name"), lambda row: fold(row.engagement.name)),
        Column("role", _("Partner role"), lambda row: fold(row.engagement.partner_role)),
        Column("availability", _("Availability"), lambda row: ORDER.index(row.availability)),
        Column("eligibility", _("Eligibility"), lambda row: row.eligible, counted=True),
        Column("customers", _("Active customers"), lambda row: row.customers, "table__number", counted=True),
    )
    location = one(_("Location"))
    status = several(_("Status"))
    role = several(_("Partner role"))

    def __init__(self, data: QueryDict, locations: QuerySet[Location], roles: Iterable[str]) -> None:
        self.places = [
            (number, location_title(name, country, city, number))
            for name, country, city, number in locations.values_list(*LOCATION_TITLE)
        ]
        super().__init__(
            data,
            location=[("", _("All your enrolled locations")), *self.places],
            status=Availability.choices,
            role=[(role, role) for role in sorted(set(roles))],
        )

    def matches(self, row: EngagementRow) -> bool:
        return (
            is_among(self.cleaned_data["status"], row.availability)
            and is_among(self.cleaned_data["role"], row.engagement.partner_role)
            and finds(self.cleaned_data["search"], row.engagement.name, row.engagement.workload)
        )

    def enrolled(self) -> int:
        """How many locations the figures are about: all of the person's that are enrolled, or the chosen one."""
        return 1 if self.chosen("location") else len(self.places)
