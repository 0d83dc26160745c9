"""What "View permissions" shows: a person's roles by workspace and location (ROLE-2)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import PartnerRole, User


@dataclass(frozen=True)
class Permission:
    """One role, and what it holds for."""

    role: str | Promise
    holds_for: str | Promise


@dataclass(frozen=True)
class Workspace:
    """One part of the portal with the roles that a person has in it."""

    name: str | Promise
    permissions: list[Permission]


def permissions_of(person: User) -> list[Workspace]:
    """Every workspace, also one without a role, so that people see what they lack."""
    if person.is_staff:
        role = Permission(person.get_vendor_role_display(), _("All partners"))
        return [Workspace(_("Programme"), [role])]
    places = person.location_roles.select_related("location").order_by("location", "role")
    incentives = [Permission(held.get_role_display(), str(held.location)) for held in places]
    company = {held.role: held for held in person.partner_roles.select_related("partner")}
    whole = [
        (_("Referrals"), PartnerRole.Role.REFERRALS_ADMIN),
        (_("Account"), PartnerRole.Role.ACCOUNT_ADMIN),
    ]
    return [
        Workspace(_("Incentives"), incentives),
        *(
            Workspace(name, [Permission(role.label, str(company[role].partner))] if role in company else [])
            for name, role in whole
        ),
    ]
