"""Enrolling a location in the programme: who may, and what the person sees on the way (ROLE-3, ROLE-4)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import standing
from .models import Enrolment, LedgerEntry, Location, LocationRole, User
from .models.partners import PROGRAMME

OPEN_TO_ENROL = {Enrolment.Status.INVITED, Enrolment.Status.ACTION_REQUIRED}


class EnrolmentRefused(Exception):
    """This person cannot enrol this location now; the message says why."""


@dataclass(frozen=True)
class EnrolmentRow:
    """One line of the Enrollments grid, as this person may see it."""

    programme: str
    location: Location
    earned: Decimal
    paid: Decimal
    status: str | Promise
    tone: str
    may_enrol: bool


def enrolments_of(user: User) -> list[EnrolmentRow]:
    """The grid of Overview: every location the person holds an incentive role for, with what it earned and was paid."""
    kind = LedgerEntry.Kind
    locations = (
        Location.objects.visible_to(user)
        .select_related("enrolment", "payee")
        .annotate(
            earned=Sum("ledger__amount_usd", filter=Q(ledger__kind=kind.EARNED)),
            paid=Sum("ledger__amount_usd", filter=Q(ledger__kind=kind.PAID)),
        )
    )
    administered = set(
        user.location_roles.filter(role=LocationRole.Role.ADMIN).values_list("location_id", flat=True)
    )
    return [
        row(location, location.pk in administered, earned=location.earned, paid=location.paid)
        for location in locations
    ]


def row(
    location: Location, administers: bool, *, earned: Decimal | None, paid: Decimal | None
) -> EnrolmentRow:
    status = Enrolment.Status(location.enrolment.status)
    waiting = status in OPEN_TO_ENROL or status == Enrolment.Status.VALIDATING
    label = (
        _("Enrolling") if waiting and status != Enrolment.Status.INVITED and not administers else status.label
    )
    tone = "good" if status == Enrolment.Status.ENROLLED else "waiting" if waiting else "neutral"
    return EnrolmentRow(
        PROGRAMME,
        location,
        earned or Decimal(0),
        paid or Decimal(0),
        label,
        tone,
        administers and status in OPEN_TO_ENROL,
    )


@transaction.atomic
def enrol(location: Location, *, by: User, now: datetime) -> None:
    """Enrol an invited location; only its Incentive Admin may (ROLE-4)."""
    enrolment = Enrolment.objects.select_for_update().get(location=location)
    if not by.location_roles.filter(location=location, role=LocationRole.Role.ADMIN).exists():
        raise EnrolmentRefused(_("Only an Incentive Admin of this location can enrol it."))
    if enrolment.status not in OPEN_TO_ENROL:
        raise EnrolmentRefused(_("This location is not waiting to be enrolled."))
    enrolment.status, enrolment.enrolled_at, enrolment.enrolled_by = Enrolment.Status.ENROLLED, now, by
    enrolment.save()
    standing.changed(location, now=now)
