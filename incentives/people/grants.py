"""Giving and taking the roles of a company's people (ROLE-1, ROLE-2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ..models import AuditEntry, Location, LocationRole, Partner, PartnerRole, User
from .company import ACCOUNT_ADMIN, Refused, hold, write

Action = AuditEntry.Action


@dataclass(frozen=True)
class Roles:
    """Roles that are given at once: one incentive role for some locations, and roles for the whole company."""

    incentive: str = ""
    locations: Sequence[Location] = ()
    company: Sequence[str] = ()


@transaction.atomic
def give_roles(person: User, roles: Roles, *, by: User, now: datetime) -> bool:
    """Give roles, each written down; true when anything changed. The person's sessions end with what they allowed.

    A person holds one incentive role per location: a new one takes the place of the old one there.
    """
    company = hold(person, by=by)
    changed = enter_roles(person, roles, company=company, by=by, now=now)
    if changed:
        person.end_sessions()
    return changed


def enter_roles(person: User, roles: Roles, *, company: Partner, by: User, now: datetime) -> bool:
    """Write roles that are new into the tables and the audit, under the locks of the caller."""
    refuse_foreign(roles.locations, company)
    held = set(person.partner_roles.filter(partner=company).values_list("role", flat=True))
    new = [PartnerRole.Role(role) for role in dict.fromkeys(roles.company) if role not in held]
    for role in new:
        PartnerRole.objects.create(user=person, partner=company, role=role)
        write(Action.ROLE_GIVEN, person, by=by, now=now, after=role.label)
    given = [enter_role(person, place, roles.incentive, by=by, now=now) for place in roles.locations]
    return bool(new) or any(given)


def enter_role(person: User, place: Location, role: str, *, by: User, now: datetime) -> bool:
    at_place = LocationRole.objects.filter(user=person, location=place)
    before = [LocationRole.Role(held) for held in at_place.values_list("role", flat=True)]
    if before == [role]:
        return False
    at_place.delete()
    LocationRole.objects.create(user=person, location=place, role=role)
    was, becomes = ", ".join(str(held.label) for held in before), str(LocationRole.Role(role).label)
    write(Action.ROLE_GIVEN, person, by=by, now=now, location=place, before=was, after=becomes)
    return True


def refuse_foreign(locations: Sequence[Location], company: Partner) -> None:
    """Raise Refused, with the PartnerID, for a location that is not the company's; nothing is changed then."""
    for place in locations:
        if place.partner_id != company.pk:
            raise Refused(not_ours(place.partner_number))


def not_ours(number: object) -> str:
    return _("%(number)s is not a PartnerID of your company. Nothing was changed.") % {"number": number}


@transaction.atomic
def take_roles(
    person: User,
    *,
    by: User,
    now: datetime,
    incentive: Sequence[LocationRole] = (),
    company: Sequence[PartnerRole] = (),
) -> bool:
    """Take roles away, each written down; true when anything changed.

    From the commit on no request of the person writes anything that needed the role (R12): each of them locks the row
    that is deleted here.
    """
    hold(person, by=by)
    places = person.location_roles.filter(pk__in=[role.pk for role in incentive]).select_related("location")
    whole = person.partner_roles.filter(pk__in=[role.pk for role in company])
    if any(role.role == ACCOUNT_ADMIN for role in whole):
        refuse_without_admin(person)
    for role in places:
        label = str(role.get_role_display())
        write(Action.ROLE_TAKEN, person, by=by, now=now, location=role.location, before=label)
    for held in whole:
        write(Action.ROLE_TAKEN, person, by=by, now=now, before=str(held.get_role_display()))
    gone = places.delete()[0] + whole.delete()[0]
    if gone:
        person.end_sessions()
    return bool(gone)


def refuse_without_admin(person: User) -> None:
    """Raise Refused where the company would be left without an active Account Admin."""
    admins = PartnerRole.objects.filter(partner=person.partner_id, role=ACCOUNT_ADMIN, user__is_active=True)
    if person.is_active and not admins.exclude(user=person).exists():
        raise Refused(
            _(
                "%(person)s is the last active Account Admin of your company. Give the role to somebody else first."
            )
            % {"person": person}
        )
