"""What "View permissions" shows: a person's roles by workspace and location (ROLE-2)."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import PartnerRole, User

COMPANY_WIDE = (
    (_("Referrals"), PartnerRole.Role.REFERRALS_ADMIN),
    (_("Account"), PartnerRole.Role.ACCOUNT_ADMIN),
)


@dataclass(frozen=True)
class Permission:
    """One role, and everything it holds for."""

    role: str | Promise
    holds_for: list[str | Promise]


@dataclass(frozen=True)
class Workspace:
    """One part of the portal with the roles that a person has in it."""

    name: str | Promise
    permissions: list[Permission]


def permissions_of(person: User) -> list[Workspace]:
    """Every workspace, also one without a role, so that people see what they lack."""
    if person.is_staff:
        return [
            Workspace(_("Programme"), [Permission(person.get_vendor_role_display(), [_("All partners")])])
        ]
    held = {role.role: role for role in person.partner_roles.select_related("partner")}
    whole = [
        Workspace(name, [Permission(role.label, [str(held[role].partner)])] if role in held else [])
        for name, role in COMPANY_WIDE
    ]
    return [Workspace(_("Incentives"), incentive_permissions(person)), *whole]


def incentive_permissions(person: User) -> list[Permission]:
    roles = person.location_roles.select_related("location").order_by("role", "location")
    by_role = groupby(roles, key=lambda held: held.get_role_display())
    return [Permission(role, [str(held.location) for held in places]) for role, places in by_role]
