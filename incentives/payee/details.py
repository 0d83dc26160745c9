"""Keeping new bank or tax details of a location: who may, what is recorded, and who is told (ROLE-5)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from ..enrolment import ask_for_validation
from ..models import AuditEntry, Location, LocationRole, PayeeProfile, User
from ..models.payee import Part
from ..roles import hold_role
from . import notices, sealing

ACTION = {Part.BANK: AuditEntry.Action.BANK, Part.TAX: AuditEntry.Action.TAX}


class ChangedMeanwhile(Exception):
    """Somebody else has saved these details since the form was shown; the message says so."""


@dataclass(frozen=True)
class Details:
    """One half of a profile as a form has checked it: what may be shown, and the numbers, which never are."""

    part: Part
    facts: dict[str, Any]
    numbers: dict[str, str] = field(repr=False)


@sensitive_variables("details")
@transaction.atomic
def keep(location: Location, details: Details, *, revision: int | None, by: User, now: datetime) -> bool:
    """Store the details, record the change by its masks and write to the location's other Incentive Admins.

    False when the very same details are stored already: a form sent twice changes, records and tells once. Raises
    RoleGone once the person's role is removed (R12), and ChangedMeanwhile for a form that shows what is no more.
    """
    hold_role(by, location, role=LocationRole.Role.ADMIN)
    profile, _new = PayeeProfile.objects.select_for_update(no_key=True).get_or_create(location=location)
    if holds(profile, details):
        return False
    part = details.part
    if revision != getattr(profile, f"{part}_revision"):
        raise ChangedMeanwhile(
            _(
                "Somebody changed these details meanwhile, so yours were not saved. Look at what is stored now."
            )
        )
    before = profile.described(part)
    write(profile, details)
    after = profile.described(part)
    AuditEntry.write(ACTION[part], by=by, now=now, location=location, before=before, after=after)
    notices.tell_other_admins(profile, part, before=before, by=by, now=now)
    ask_for_validation()
    return True


@sensitive_variables("details")
def holds(profile: PayeeProfile, details: Details) -> bool:
    """Whether exactly these details are stored."""
    part = details.part
    if any(getattr(profile, f"{part}_{name}") != value for name, value in details.facts.items()):
        return False
    try:
        return sealing.unseal(getattr(profile, f"{part}_sealed"), of=owner(profile, part)) == details.numbers
    except sealing.Unreadable:
        return False


@sensitive_variables("details")
def write(profile: PayeeProfile, details: Details) -> None:
    part = details.part
    changed = details.facts | {
        "sealed": sealing.seal(details.numbers, of=owner(profile, part)),
        "revision": getattr(profile, f"{part}_revision") + 1,
    }
    for name, value in changed.items():
        setattr(profile, f"{part}_{name}", value)
    profile.save(update_fields=[f"{part}_{name}" for name in changed])


def owner(profile: PayeeProfile, part: Part) -> str:
    """Whose numbers a seal holds."""
    return f"{part} of location {profile.location_id}"
