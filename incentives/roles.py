"""Which locations a person may act for, and who can help a person who may not."""

from collections.abc import Iterable

from .models import Location, LocationRole, PartnerRole, User


def acts_for_partner(user: User) -> bool:
    """Whether this is a person of a partner at all; the vendor's staff never act on partner pages."""
    return user.is_authenticated and not user.is_staff and user.partner_id is not None


def may_administer(user: User, location: Location) -> bool:
    """Whether this person is an Incentive Admin of the location: may enrol it and edit its payee profile (ROLE-4)."""
    return user.location_roles.filter(location=location, role=LocationRole.Role.ADMIN).exists()


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
