"""The Enrollments grid: its columns and filters (ROLE-3)."""

from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .enrolment import EnrolmentRow
from .listing import Column, ListForm, country_choices, finds, fold, is_among, several
from .models import Enrolment

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
    status = several(_("Status"))
    country = several(_("Country/Region"))

    def __init__(self, data: QueryDict, rows: Sequence[EnrolmentRow]) -> None:
        countries = country_choices(row.location.country.code for row in rows)
        super().__init__(data, status=STATUSES, country=countries)

    def matches(self, row: EnrolmentRow) -> bool:
        place, wanted = row.location, self.cleaned_data
        return (
            is_among(wanted["status"], status_of(row))
            and is_among(wanted["country"], place.country.code)
            and finds(wanted["search"], row.programme, place, place.country.name)
        )


def status_of(row: EnrolmentRow) -> str:
    status = row.location.enrolment.status
    return "enrolling" if status in ENROLLING else status
