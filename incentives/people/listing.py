"""The company's people: columns and filters of the list of users (ROLE-2)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ..listing import Column, ListForm, finds, fold, is_among, several
from ..models import Location, LocationRole, Partner, PartnerRole, Standing, User

ROLES = [*PartnerRole.Role.choices, *LocationRole.Role.choices, ("none", _("No role"))]


class PeopleListForm(ListForm):
    default_sort = "name"
    columns = (
        Column("name", _("Name"), lambda person: fold(str(person))),
        Column("email", _("E-mail address"), lambda person: person.email),
        Column("roles", _("Roles")),
        Column("status", _("Status"), lambda person: fold(str(person.standing.label))),
        Column("seen", _("Last sign-in"), lambda person: last_seen(person), "table__date"),
    )
    role = several(_("Role"))
    status = several(_("Status"))
    location = several(_("Location"))

    def __init__(self, data: QueryDict, locations: Iterable[Location]) -> None:
        places = [(place.partner_number, str(place)) for place in locations]
        super().__init__(data, role=ROLES, status=Standing.choices, location=places)

    def matches(self, person: Any) -> bool:
        wanted = self.cleaned_data
        return (
            bool(not wanted["role"] or set(wanted["role"]) & roles_of(person))
            and is_among(wanted["status"], person.standing)
            and bool(not wanted["location"] or set(wanted["location"]) & places_of(person))
            and finds(wanted["search"], person.full_name, person.email)
        )


def people_of(company: Partner) -> QuerySet[User]:
    """Everybody of the company with their roles, in a fixed number of queries."""
    return company.people.prefetch_related("partner_roles", "location_roles__location")


def last_seen(person: User) -> str:
    return person.last_login.isoformat() if person.last_login else ""


def roles_of(person: User) -> set[str]:
    held = {role.role for role in person.partner_roles.all()}
    return held | {role.role for role in person.location_roles.all()} or {"none"}


def places_of(person: User) -> set[str]:
    return {str(role.location.partner_number) for role in person.location_roles.all()}


def in_short(person: User) -> list[tuple[Any, int]]:
    """The person's roles, those for locations with how many there are."""
    company = [(role.get_role_display(), 0) for role in person.partner_roles.all()]
    counted = Counter(role.get_role_display() for role in person.location_roles.all())
    return sorted(company) + sorted(counted.items())
