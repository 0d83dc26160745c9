"""The Eligibility page of an engagement: each of a person's locations with what is asked of it (ENG-7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.listing import Column, ListForm, country_choices, finds, fold, is_among, one, several
from incentives.models import Location, User
from incentives.models.payee import status_words
from incentives.roles import incentive_admins

from .eligibility import TEXTS, Criterion
from .models import Designation, Engagement, Verdict
from .verdicts import ON_THE_WAY

STATUSES = (("eligible", _("Eligible")), ("ineligible", _("Ineligible")))


@dataclass
class EligibilityRow:
    """One location, the verdict on it if it was judged already, whether it could be paid, and who can mend that."""

    location: Location
    verdict: Verdict | None
    payee_complete: bool
    criteria: list[Criterion] = field(default_factory=list)
    admins: list[User] = field(default_factory=list)

    @property
    def eligible(self) -> bool:
        return self.verdict is not None and self.verdict.eligible

    @property
    def payee_status(self) -> str | Promise:
        return status_words(self.payee_complete)


def rows(engagement: Engagement, user: User, *, now: datetime) -> list[EligibilityRow]:
    """A row for each location that the person has a role for and that is enrolled or enrolling."""
    shown = Location.objects.visible_to(user).filter(enrolment__status__in=ON_THE_WAY)
    verdicts = {
        verdict.location_id: verdict
        for verdict in Verdict.objects.filter(engagement=engagement, location__in=shown.order_by())
    }
    return [
        EligibilityRow(place, verdicts.get(place.pk), place.is_payable(now))
        for place in shown.select_related("enrolment", "payee")
    ]


def explain(engagement: Engagement, rows: Sequence[EligibilityRow]) -> None:
    """Add what was asked of each location when it was judged, each criterion met or not, in the law's order."""
    names = Designation.objects.in_bulk(engagement.partner_criteria_any)
    accepted = tuple(str(names.get(code, code)) for code in engagement.partner_criteria_any)
    admins = incentive_admins(row.location for row in rows)
    for row in rows:
        row.admins = admins.get(row.location.pk, [])
        said = row.verdict.criteria if row.verdict else {}
        row.criteria = [
            Criterion(code, said[code], accepted if code == "designation" else ())
            for code in TEXTS
            if code in said
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
