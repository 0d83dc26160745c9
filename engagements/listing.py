"""The list of engagements: its columns and filters, and how many of a person's locations may earn on each (ENG-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from incentives.listing import Column, ListForm, finds, fold, is_among, one, several
from incentives.models import Location, User

from .models import Engagement, Verdict


class Availability(TextChoices):
    """Whether new claims are taken; the order is that in which people want to see them."""

    ACTIVE = "active", _("Active")
    UPCOMING = "upcoming", _("Upcoming")
    CLOSED = "closed", _("Closed")

    @property
    def tone(self) -> str:
        return {self.ACTIVE: "good", self.UPCOMING: "waiting"}.get(self, "off")


@dataclass
class EngagementRow:
    """One engagement as this person sees it today; its figures are counted for the rows that are shown."""

    engagement: Engagement
    availability: Availability
    eligible: int = 0
    enrolled: int = 0
    customers: int = 0


SHOWN = ("code", "name", "workload", "partner_role", "opens_on", "closes_on")


def rows(engagements: QuerySet[Engagement], today: date) -> list[EngagementRow]:
    """A row for each engagement, not counted yet."""
    return [
        EngagementRow(engagement, Availability(engagement.availability(today)))
        for engagement in engagements.only(*SHOWN).order_by()
    ]


def eligible_locations(engagements: Iterable[int], user: User, *, location: str = "") -> dict[int, int]:
    """How many of the person's enrolled locations are eligible for each engagement (by key), or whether one is."""
    places = Location.objects.visible_to(user).enrolled().order_by()
    if location:
        places = places.filter(partner_number=location)
    verdicts = Verdict.objects.filter(eligible=True, engagement__in=list(engagements), location__in=places)
    return dict(verdicts.order_by().values_list("engagement").annotate(Count("pk")))


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

    def __init__(self, data: QueryDict, locations: Iterable[Location], roles: Iterable[str]) -> None:
        self.places = [(place.partner_number, str(place)) for place in locations]
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
