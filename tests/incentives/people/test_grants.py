"""Roles given and taken by an Account Admin (ROLE-1, ROLE-2)."""

import pytest

from incentives.models import AuditEntry, LocationRole, PartnerRole
from incentives.people import grants
from incentives.people.company import Refused
from incentives.people.grants import Roles
from incentives.roles import RoleGone
from tests.factories import LocationFactory, UserFactory, give_role

from .conftest import make_admin, told

pytestmark = pytest.mark.django_db
ADMIN, USER = LocationRole.Role.ADMIN, LocationRole.Role.USER
ACCOUNT_ADMIN, REFERRALS_ADMIN = PartnerRole.Role.ACCOUNT_ADMIN, PartnerRole.Role.REFERRALS_ADMIN


def held(person):
    places = person.location_roles.order_by("pk").values_list("location", "role")
    return [*places, *person.partner_roles.order_by("pk").values_list("role", flat=True)]


def test_roles_are_given_per_location_and_for_the_company_and_written_down(admin, colleague, location, now):
    sister = LocationFactory(partner=location.partner)

    changed = grants.give_roles(
        colleague, Roles(USER, [location, sister], [REFERRALS_ADMIN]), by=admin, now=now
    )

    assert changed
    assert held(colleague) == [(location.pk, USER), (sister.pk, USER), REFERRALS_ADMIN]
    assert told() == [
        ("role_given", "", "Referrals Admin"),
        ("role_given", "", "Incentive User"),
        ("role_given", "", "Incentive User"),
    ]
    entries = AuditEntry.objects.order_by("pk").values_list("by", "person", "partner", "location", "at")
    facts = (admin.pk, colleague.pk, location.partner_id)
    assert list(entries) == [(*facts, None, now), (*facts, location.pk, now), (*facts, sister.pk, now)]


def test_a_new_incentive_role_takes_the_place_of_the_old_one(admin, colleague, location, now):
    give_role(colleague, location)

    grants.give_roles(colleague, Roles(ADMIN, [location]), by=admin, now=now)

    assert held(colleague) == [(location.pk, ADMIN)]
    assert told() == [("role_given", "Incentive User", "Incentive Admin")]


def test_giving_what_is_held_changes_nothing_and_ends_no_session(admin, colleague, location, now):
    give_role(colleague, location)

    assert not grants.give_roles(colleague, Roles(USER, [location]), by=admin, now=now)

    colleague.refresh_from_db()
    assert (colleague.session_epoch, told()) == (0, [])


def test_a_location_of_another_company_is_refused_by_its_number_and_nothing_is_changed(
    admin, colleague, location, now
):
    foreign = LocationFactory()

    with pytest.raises(Refused, match=f"{foreign.partner_number} is not a PartnerID of your company"):
        grants.give_roles(colleague, Roles(USER, [location, foreign], [ACCOUNT_ADMIN]), by=admin, now=now)

    assert (held(colleague), told()) == ([], [])


@pytest.mark.parametrize("who", ["colleague", "foreign_admin", "deactivated_admin"])
def test_only_an_active_account_admin_of_the_company_gives_and_takes(admin, colleague, location, now, who):
    by = {
        "colleague": colleague,
        "foreign_admin": make_admin(LocationFactory()),
        "deactivated_admin": make_admin(location, is_active=False),
    }[who]
    give_role(colleague, location)

    with pytest.raises(RoleGone):
        grants.give_roles(colleague, Roles(ADMIN, [location]), by=by, now=now)
    with pytest.raises(RoleGone):
        grants.take_roles(colleague, by=by, now=now, incentive=list(colleague.location_roles.all()))

    assert (held(colleague), told()) == ([(location.pk, USER)], [])


def test_people_of_another_company_cannot_be_changed(admin, location, now):
    foreign = UserFactory(partner=LocationFactory().partner)

    with pytest.raises(RoleGone):
        grants.give_roles(foreign, Roles(USER, [location]), by=admin, now=now)

    assert held(foreign) == []


def test_roles_are_taken_and_written_down(admin, colleague, location, now):
    give_role(colleague, location, role=ADMIN)
    PartnerRole.objects.create(user=colleague, partner=location.partner, role=REFERRALS_ADMIN)

    grants.take_roles(
        colleague,
        by=admin,
        now=now,
        incentive=list(colleague.location_roles.all()),
        company=list(colleague.partner_roles.all()),
    )

    assert held(colleague) == []
    assert told() == [("role_taken", "Incentive Admin", ""), ("role_taken", "Referrals Admin", "")]


def test_roles_of_somebody_else_are_not_taken_through_this_person(
    admin, colleague, location, partner_user, now
):
    assert not grants.take_roles(
        colleague, by=admin, now=now, incentive=list(partner_user.location_roles.all())
    )

    assert partner_user.location_roles.count() == 1


def test_the_last_active_account_admin_keeps_the_role(admin, location, now):
    make_admin(location, is_active=False)

    with pytest.raises(Refused, match="Priya Kaur is the last active Account Admin"):
        grants.take_roles(admin, by=admin, now=now, company=list(admin.partner_roles.all()))

    assert (held(admin), told()) == ([ACCOUNT_ADMIN], [])


def test_an_account_admin_may_give_the_role_up_once_there_is_another(admin, location, now):
    make_admin(location)

    grants.take_roles(admin, by=admin, now=now, company=list(admin.partner_roles.all()))

    assert held(admin) == []
