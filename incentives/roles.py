"""Which locations a person may act for, holding that right while they act, and who can help a person who may not."""

from collections.abc import Iterable

from django.http import Http404

from .models import Location, LocationRole, Partner, PartnerRole, User


class RoleGone(Http404):
    """The role that this deed needs was removed, or the person deactivated: for them it no longer exists (ACT-3)."""


def hold_role(by: User, location: Location | int, *, role: str = "") -> None:
    """Lock the person's role for a location until the transaction ends; raises RoleGone when there is none (R12).

    Whoever takes the role away waits for this transaction, or this one finds it gone. The order of all locks: person,
    role, engagement, customer, claims. The vendor's staff hold no role for a location, and need none.
    """
    if by.is_staff:
        return
    lock_person(by)
    held = LocationRole.objects.select_for_update().filter(user=by, location=location)
    if not (held.filter(role=role) if role else held):
        raise RoleGone


def hold_company_role(by: User, partner: Partner, role: str) -> None:
    """The same for a role of the whole company; one person changes a company's people at a time."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    lock_person(by)
    if not PartnerRole.objects.select_for_update().filter(user=by, partner=partner, role=role):
        raise RoleGone


def lock_person(person: User) -> None:
    """Lock the row of an active person; raises RoleGone for one who was deactivated meanwhile."""
    if not User.objects.select_for_update(no_key=True).filter(pk=person.pk, is_active=True):
        raise RoleGone


def acts_for_partner(user: User) -> bool:
    """Whether this is a person of a partner at all; the vendor's staff never act on partner pages."""
    return user.is_authenticated and not user.is_staff and user.partner_id is not None


def may_administer(user: User, location: Location | int) -> bool:
    """Whether this person is an Incentive Admin of the location: may enrol it and edit its payee profile (ROLE-4)."""
    return user.location_roles.filter(location=location, role=LocationRole.Role.ADMIN).exists()


def is_account_admin(user: User) -> bool:
    """Whether this person manages the people of their company (ROLE-2)."""
    role = PartnerRole.Role.ACCOUNT_ADMIN
    return acts_for_partner(user) and user.partner_roles.filter(partner=user.partner_id, role=role).exists()


def who_can_give_roles(user: User) -> Iterable[User]:
    """The Account Admins of the person's company: whom to ask for a role that is missing."""
    return User.objects.filter(
        partner_roles__partner=user.partner_id,
        partner_roles__role=PartnerRole.Role.ACCOUNT_ADMIN,
        is_active=True,
    ).order_by("full_name")


def incentive_admins(locations: Iterable[Location]) -> dict[int, list[User]]:
    """Who may enrol each location and edit its payee profile, read once for a whole page."""
    roles = LocationRole.objects.filter(
        location__in=list(locations), role=LocationRole.Role.ADMIN, user__is_active=True
    )
    admins: dict[int, list[User]] = {}
    for role in roles.select_related("user").order_by("user__full_name"):
        admins.setdefault(role.location_id, []).append(role.user)
    return admins
