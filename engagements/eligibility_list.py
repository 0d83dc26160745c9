"""The Eligibility page of an engagement: each of a person's locations with what is asked of it (ENG-7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.listing import Column, ListForm, country_choices, finds, fold, is_among, one, several
from incentives.models import Enrolment, Location, User
from incentives.models.payee import status_words

from .eligibility import Criterion, criteria, private_lists
from .models import Engagement

_Status = Enrolment.Status
# The locations that are in the programme or on their way into it.
SHOWN = (_Status.ENROLLED, _Status.ACTION_REQUIRED, _Status.VALIDATING)
STATUSES = (("eligible", _("Eligible")), ("ineligible", _("Ineligible")))


@dataclass(frozen=True)
class EligibilityRow:
    """One location, every criterion of the engagement, and whether it could be paid."""

    location: Location
    criteria: list[Criterion]
    payee_complete: bool

    @property
    def eligible(self) -> bool:
        return all(criterion.met for criterion in self.criteria)

    @property
    def payee_status(self) -> str | Promise:
        return status_words(self.payee_complete)


def rows(engagement: Engagement, user: User, *, now: datetime) -> list[EligibilityRow]:
    """A row for each location that the person has a role for and that is enrolled or enrolling."""
    shown = Location.objects.visible_to(user).filter(enrolment__status__in=SHOWN)
    listed = private_lists([engagement])
    return [
        EligibilityRow(place, criteria(engagement, place, listed), place.is_payable(now))
        for place in shown.select_related("enrolment", "payee")
    ]


class EligibilityListForm(ListForm):
    default_sort = "location"
    columns = (
        Column("region", _("Region"), lambda row: fold(row.location.region)),
        Column("country", _("Country"), lambda row: fold(row.location.country.name)),
        Column("location", _("PartnerID"), lambda row: fold(str(row.location))),
        Column("eligibility", _("Eligibility status"), lambda row: not row.eligible),
        Column("payee", _("Payee profile status"), lambda row: not row.payee_complete),
        Column("action", _("Action")),
    )
    region = several(_("Region"))
    country = several(_("Country"))
    location = one(_("Location"))
    status = several(_("Eligibility status"))

    def __init__(self, data: QueryDict, rows: Sequence[EligibilityRow]) -> None:
        places = [row.location for row in rows]
        super().__init__(
            data,
            region=same(place.region for place in places),
            country=country_choices(place.country.code for place in places),
            location=[("", _("All locations")), *((place.partner_number, str(place)) for place in places)],
            status=STATUSES,
        )

    def matches(self, row: EligibilityRow) -> bool:
        place, wanted = row.location, self.cleaned_data
        return (
            is_among(wanted["region"], place.region)
            and is_among(wanted["country"], place.country.code)
            and is_among(wanted["location"], place.partner_number)
            and is_among(wanted["status"], "eligible" if row.eligible else "ineligible")
            and finds(wanted["search"], place, place.region, place.country.name)
        )


def same(values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices whose value in the address is what people read."""
    return [(value, value) for value in sorted(set(values), key=fold)]
