"""Enrolment in the programme: what is asked of a location, what moves it, and who ends and renews it (ROLE-4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mail import queue

from . import standing
from .models import AuditEntry, Enrolment, Location, ProgrammeTerms, User
from .models.payee import Part
from .roles import hold_role, may_administer

_Status = Enrolment.Status
OPEN_TO_ENROL = {_Status.INVITED, _Status.ACTION_REQUIRED}
BATCH = 500


class EnrolmentRefused(Exception):
    """This enrolment cannot be made now; the message says why."""


class NotYours(EnrolmentRefused):
    """Only an Incentive Admin of the location may."""


@dataclass(frozen=True)
class Requirement:
    """One thing that is asked: its code, its words, and whether a location meets it under these terms."""

    code: str
    text: str | Promise
    met: Callable[[Location, ProgrammeTerms | None, datetime], bool]


def payee_holds(location: Location, part: Part, now: datetime) -> bool:
    payee = getattr(location, "payee", None)
    return payee is not None and payee.holds(part, now)


# Without these a location is not even invited …
OF_THE_LOCATION = (
    Requirement(
        "membership",
        _("Active partner membership of the location"),
        lambda place, terms, now: place.is_member,
    ),
    Requirement(
        "country",
        _("Program offered in the location's country/region"),
        lambda place, terms, now: terms is None or place.country.code not in terms.not_offered_in,
    ),
)
# … and these the partner sees to, before validation can end well.
OF_THE_PARTNER = (
    Requirement(
        "terms",
        _("Program terms accepted by an Incentive Admin"),
        lambda place, terms, now: place.enrolment.terms_id is not None,
    ),
    Requirement(
        "bank", _("Complete bank details"), lambda place, terms, now: payee_holds(place, Part.BANK, now)
    ),
    Requirement(
        "tax", _("Complete tax details"), lambda place, terms, now: payee_holds(place, Part.TAX, now)
    ),
)
REQUIREMENTS = OF_THE_LOCATION + OF_THE_PARTNER


class Outcome(Enum):
    """What the requirements come to."""

    SHUT = auto()
    MISSING = auto()
    READY = auto()


# Where validation moves a location; what is not here stays as it is. Discontinued is left to the programme owner.
MOVES = {
    (_Status.INELIGIBLE, Outcome.MISSING): _Status.INVITED,
    (_Status.INELIGIBLE, Outcome.READY): _Status.INVITED,
    (_Status.INVITED, Outcome.SHUT): _Status.INELIGIBLE,
    (_Status.ACTION_REQUIRED, Outcome.SHUT): _Status.INELIGIBLE,
    (_Status.ACTION_REQUIRED, Outcome.READY): _Status.ENROLLED,
    (_Status.VALIDATING, Outcome.SHUT): _Status.INELIGIBLE,
    (_Status.VALIDATING, Outcome.MISSING): _Status.ACTION_REQUIRED,
    (_Status.VALIDATING, Outcome.READY): _Status.ENROLLED,
    (_Status.ENROLLED, Outcome.SHUT): _Status.INACTIVE,
    (_Status.INACTIVE, Outcome.MISSING): _Status.ACTION_REQUIRED,
    (_Status.INACTIVE, Outcome.READY): _Status.ENROLLED,
}


def unmet(location: Location, terms: ProgrammeTerms | None, *, now: datetime) -> list[str]:
    """The codes of what the location lacks at this instant, in the order of the table."""
    return [requirement.code for requirement in REQUIREMENTS if not requirement.met(location, terms, now)]


def outcome(missing: Iterable[str]) -> Outcome:
    missing = set(missing)
    if missing & {requirement.code for requirement in OF_THE_LOCATION}:
        return Outcome.SHUT
    return Outcome.MISSING if missing else Outcome.READY


@transaction.atomic
def enrol(location: Location, *, by: User, terms: int | None, now: datetime) -> None:
    """Accept the terms for an invited location and ask for its validation; only its Incentive Admin may (ROLE-4).

    Raises RoleGone without any role for it, NotYours with another one, and EnrolmentRefused when the location or the
    terms changed meanwhile.
    """
    hold_role(by, location)
    if not may_administer(by, location):
        raise NotYours(_("Only an Incentive Admin of this location can enroll it."))
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(location=location)
    if enrolment.status not in OPEN_TO_ENROL:
        raise EnrolmentRefused(_("This location is not waiting to be enrolled."))
    in_force = ProgrammeTerms.objects.in_force(now.date())
    if in_force is None or in_force.pk != terms:
        raise EnrolmentRefused(_("Other terms are in force than those you read. Read them, then enroll."))
    enrolment.terms, enrolment.accepted_by, enrolment.accepted_at = in_force, by, now
    move(enrolment, _Status.VALIDATING, by=by, now=now)
    standing.changed(location, now=now)
    ask_for_validation()


@transaction.atomic
def discontinue(location: Location, *, by: User, reason: str, now: datetime) -> None:
    """The programme owner ends the enrolment, for a reason that the location's people are shown.

    From now on it can make no new claims; its open claims go on (DL-7), and validation leaves it alone until it is
    reinstated. Raises EnrolmentRefused when that was done already.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(location=location)
    if enrolment.status == _Status.DISCONTINUED:
        raise EnrolmentRefused(_("This enrollment is discontinued already. Nothing was changed."))
    move(enrolment, _Status.DISCONTINUED, by=by, now=now, reason=reason)
    standing.changed(location, now=now)


@transaction.atomic
def reinstate(location: Location, *, by: User, now: datetime) -> None:
    """The programme owner lets a discontinued location back: it is judged like any other, under the terms it accepted.

    Raises EnrolmentRefused when it is not discontinued.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(location=location)
    if enrolment.status != _Status.DISCONTINUED:
        raise EnrolmentRefused(_("This enrollment is not discontinued. Nothing was changed."))
    to = _Status.VALIDATING if enrolment.terms_id else _Status.INELIGIBLE
    move(enrolment, to, by=by, now=now)
    standing.changed(location, now=now)
    ask_for_validation()


def move(enrolment: Enrolment, to: str, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Change where a location stands, with an entry in the audit; the row must be locked by the caller.

    The caller also tells of it (standing.py), once for all the locations that it moves.
    """
    before = enrolment.get_status_display()
    enrolment.status = to
    if to == _Status.ENROLLED:
        enrolment.enrolled_at = now
    enrolment.discontinued_at = now if to == _Status.DISCONTINUED else None
    enrolment.discontinued_reason = reason
    enrolment.save()
    AuditEntry.write(
        AuditEntry.Action.ENROLMENT,
        by=by,
        now=now,
        location=enrolment.location,
        before=str(before),
        after=described(enrolment),
    )


def described(enrolment: Enrolment) -> str:
    """Where a location stands now, for the audit: also which terms it accepted, or why it is discontinued."""
    status = enrolment.get_status_display()
    if enrolment.status == _Status.VALIDATING and enrolment.terms:
        return f"{status}, {enrolment.terms.version}"
    return f"{status}: {enrolment.discontinued_reason}" if enrolment.discontinued_reason else status


def ask_for_validation() -> None:
    """Have a worker validate after the commit; without a worker the next sweep does."""
    queue.after_commit("incentives.tasks.validate_enrolments")


def invite_new(*, now: datetime) -> int:
    """Give every location that has no enrolment yet its row, to be judged with the others; returns how many."""
    without = Location.objects.filter(enrolment=None).values_list("pk", flat=True)
    rows = [Enrolment(location_id=pk, status=_Status.INELIGIBLE) for pk in without]
    return len(Enrolment.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH))


def validate_all(*, now: datetime) -> int:
    """Judge every enrolment that is not discontinued and move those that must; returns how many moved.

    Works in batches of one transaction each and steps around rows that others hold, so that it may run late, twice or
    beside itself; every location that meets the requirements ends up invited without anybody asking (ROLE-4).
    """
    invite_new(now=now)
    terms = ProgrammeTerms.objects.in_force(now.date())
    moved, last = 0, 0
    while batch := judge_batch(last, terms, now=now):
        last, count = batch
        moved += count
    return moved


@transaction.atomic
def judge_batch(after: int, terms: ProgrammeTerms | None, *, now: datetime) -> tuple[int, int] | None:
    """Judge the next enrolments by primary key; the last key looked at and how many moved, or None at the end."""
    waiting = Enrolment.objects.filter(pk__gt=after).exclude(status=_Status.DISCONTINUED).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return None
    locked = waiting.filter(pk__in=keys).select_for_update(skip_locked=True, of=("self",), no_key=True)
    rows = locked.select_related("location__payee", "location__partner", "terms")
    moved = [row.location for row in rows if judge(row, terms, now=now)]
    standing.changed(*moved, now=now)
    return keys[-1], len(moved)


def judge(enrolment: Enrolment, terms: ProgrammeTerms | None, *, now: datetime) -> bool:
    """Write down what is missing, and move the location if the table says so; true when it moved."""
    missing = unmet(enrolment.location, terms, now=now)
    to = MOVES.get((_Status(enrolment.status), outcome(missing)))
    if to is None and missing == enrolment.missing:
        return False
    enrolment.missing, enrolment.judged_at = missing, now
    if to is None:
        enrolment.save(update_fields=["missing", "judged_at"])
        return False
    move(enrolment, to, by=None, now=now)
    return True


def requirements_of(location: Location, *, now: datetime) -> list[tuple[Requirement, bool]]:
    """Every requirement with whether the location meets it at this instant, as people see it."""
    terms = ProgrammeTerms.objects.in_force(now.date())
    return [(requirement, requirement.met(location, terms, now)) for requirement in REQUIREMENTS]


def in_words(codes: Iterable[str]) -> list[str]:
    """What is missing, as people read it, in the order of the table."""
    missing = set(codes)
    return [str(requirement.text) for requirement in REQUIREMENTS if requirement.code in missing]
