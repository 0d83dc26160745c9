"""The Enrollments grid: its rows as a person may see them, its columns and filters (ROLE-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .enrolment import OPEN_TO_ENROL
from .listing import Column, ListForm, country_choices, finds, fold, is_among, several
from .models import Enrolment, LedgerEntry, LedgerTotal, Location, LocationRole, User
from .models.partners import PROGRAMME, keys_visible_to

_Status = Enrolment.Status
# What is on its way is one status here: who may not enrol sees only that it is on its way (ROLE-4).
ENROLLING = {_Status.ACTION_REQUIRED, _Status.VALIDATING}
STATUSES = (
    ("invited", _Status.INVITED.label),
    ("enrolling", _("Enrolling")),
    ("enrolled", _Status.ENROLLED.label),
    ("ineligible", _Status.INELIGIBLE.label),
    ("inactive", _Status.INACTIVE.label),
    ("discontinued", _Status.DISCONTINUED.label),
)
TONES = {_Status.ENROLLED: "good", _Status.ACTION_REQUIRED: "warn"} | dict.fromkeys(
    (_Status.INVITED, _Status.VALIDATING), "waiting"
)


@dataclass(frozen=True)
class EnrolmentRow:
    """One line of the Enrollments grid, as this person may see it."""

    location: Location
    administers: bool
    payable: bool
    earned: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    programme: str = PROGRAMME

    @property
    def standing(self) -> _Status:
        return _Status(self.location.enrolment.status)

    @property
    def status(self) -> str | Promise:
        """The status in words; a person who may not enrol sees only that it is on its way."""
        return _("Enrolling") if self.standing in ENROLLING and not self.administers else self.standing.label

    @property
    def tone(self) -> str:
        return TONES.get(self.standing, "neutral")

    @property
    def wants_terms(self) -> bool:
        """Whether the next step is to accept the terms."""
        waits = self.standing in OPEN_TO_ENROL
        return waits and (self.standing == _Status.INVITED or "terms" in self.location.enrolment.missing)

    @property
    def wants_payee(self) -> bool:
        """Whether bank and tax details are the next step: on the way into the programme, or later to be paid."""
        waits = self.standing in {*ENROLLING, _Status.ENROLLED}
        return waits and not self.payable and not self.wants_terms

    @property
    def is_being_judged(self) -> bool:
        """Whether a worker is about to move it: while it is validated, and once nothing is missing any more."""
        waits = self.standing == _Status.ACTION_REQUIRED and self.payable and not self.wants_terms
        return waits or self.standing == _Status.VALIDATING


def enrolments_of(user: User, *, now: datetime) -> list[EnrolmentRow]:
    """The grid of Overview: every location the person holds an incentive role for, with what it earned and was paid."""
    kind = LedgerEntry.Kind
    locations = (
        Location.objects.visible_to(user).filter(enrolment__isnull=False).select_related("enrolment", "payee")
    )
    booked = amounts(user)
    administered = set(
        user.location_roles.filter(role=LocationRole.Role.ADMIN).values_list("location_id", flat=True)
    )
    return [
        EnrolmentRow(
            place,
            place.pk in administered,
            place.is_payable(now),
            booked.get((place.pk, kind.EARNED), Decimal(0)),
            booked.get((place.pk, kind.PAID), Decimal(0)),
        )
        for place in locations
    ]


def amounts(user: User) -> dict[tuple[int, str], Decimal]:
    """What each of the person's locations earned and was paid."""
    totals = LedgerTotal.objects.filter(location__in=keys_visible_to(user))
    return {
        (location, kind): amount
        for location, kind, amount in totals.values_list("location", "kind", "amount_usd")
    }


class EnrolmentListForm(ListForm):
    default_sort = "location"
    columns = (
        Column("programme", _("Program name"), lambda row: fold(row.programme)),
        Column("location", _("PartnerID"), lambda row: fold(str(row.location))),
        Column("country", _("Country/Region"), lambda row: fold(row.location.country.name)),
        Column("earned", _("Earned"), lambda row: row.earned, "table__number"),
        Column("paid", _("Paid"), lambda row: row.paid, "table__number"),
        Column("status", _("Status"), lambda row: fold(str(row.status))),
        Column("actions", _("Actions required")),
        Column("resources", _("Program resources")),
    )
    programme = several(_("Program name"))
    status = several(_("Status"))
    country = several(_("Country/Region"))

    def __init__(self, data: QueryDict, rows: Sequence[EnrolmentRow]) -> None:
        countries = country_choices(row.location.country.code for row in rows)
        programmes = [(name, name) for name in sorted({row.programme for row in rows})]
        super().__init__(data, programme=programmes, status=STATUSES, country=countries)

    def matches(self, row: EnrolmentRow) -> bool:
        place, wanted = row.location, self.cleaned_data
        return (
            is_among(wanted["programme"], row.programme)
            and is_among(wanted["status"], status_of(row))
            and is_among(wanted["country"], place.country.code)
            and (not wanted["search"] or finds(wanted["search"], row.programme, place, place.country.name))
        )


def status_of(row: EnrolmentRow) -> str:
    return "enrolling" if row.standing in ENROLLING else row.standing
