"""Invited, active, deactivated: who may sign in (ROLE-2)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from incentives.models import Standing, User
from incentives.people import invitations, passwords, standing
from incentives.people.company import Refused
from incentives.people.grants import Roles
from incentives.roles import RoleGone
from mail.models import Link, Message
from tests.factories import LocationFactory, StaffFactory, UserFactory
from tests.factories.incentives import PASSWORD

from .conftest import NEW, invited, link_of, make_admin, reset_link, told

pytestmark = pytest.mark.django_db


def test_an_invited_person_has_prepared_roles_and_a_letter_but_no_way_in(admin, location, now):
    person = invited(admin, now=now, roles=Roles("incentive_user", [location]))

    assert (person.standing, person.has_usable_password()) == (Standing.INVITED, False)
    assert person.location_roles.get().location == location
    letter = Message.objects.get()
    assert (letter.kind, letter.to, letter.link) == ("invitation", "guest@fridayinc.example", link_of(person))
    assert letter.link.expires_at == now + timedelta(hours=72)
    assert told() == [("invited", "", "guest@fridayinc.example"), ("role_given", "", "Incentive User")]


def test_accepting_opens_the_account_once(admin, now):
    person, later = invited(admin, now=now), now + timedelta(hours=71)

    accepted = invitations.accept(link_of(person), full_name="Gerda Gast", password=NEW, now=later)

    assert (accepted.standing, accepted.full_name, accepted.check_password(NEW)) == (
        Standing.ACTIVE,
        "Gerda Gast",
        True,
    )
    assert told(person)[-1] == ("joined", "Invited", "Active")
    with pytest.raises(invitations.LinkDied):
        invitations.accept(link_of(person), full_name="Again", password="x" * 20, now=later)
    assert User.objects.get(pk=person.pk).full_name == "Gerda Gast"


def test_an_invitation_dies_at_its_instant(admin, now):
    person = invited(admin, now=now)

    with pytest.raises(invitations.LinkDied):
        invitations.accept(link_of(person), full_name="Late", password=NEW, now=now + timedelta(hours=72))

    assert User.objects.get(pk=person.pk).standing == Standing.INVITED


def test_a_newer_invitation_kills_the_older(admin, now):
    person = invited(admin, now=now - timedelta(minutes=5))
    older = link_of(person)

    invitations.invite_again(person, by=admin, now=now)

    older.refresh_from_db()
    assert (older.cause_of_death(now), link_of(person).cause_of_death(now)) == ("replaced", "")
    assert Link.objects.filter(subject_id=person.pk, revoked_at=None).count() == 1
    assert told(person)[-1] == ("invited_again", "", "guest@fridayinc.example")


def test_a_second_click_sends_no_second_letter(admin, now):
    person = invited(admin, now=now)

    with pytest.raises(Refused, match="less than a minute ago"):
        invitations.invite_again(person, by=admin, now=now + timedelta(seconds=59))
    assert Message.objects.count() == 1
    invitations.invite_again(person, by=admin, now=now + timedelta(seconds=60))
    assert Message.objects.count() == 2


def test_only_the_invited_are_invited_again(admin, colleague, now):
    with pytest.raises(Refused, match="no open invitation"):
        invitations.invite_again(colleague, by=admin, now=now)


@pytest.mark.parametrize("address", ["NOAH@fridayinc.example", "noah@fridayinc.example"])
def test_a_colleagues_address_is_named(admin, colleague, now, address):
    with pytest.raises(Refused, match="Noah Reyes already uses this address"):
        invited(admin, now=now, email=address)


def test_an_address_that_is_taken_elsewhere_names_nobody(admin, now):
    stranger = UserFactory(partner=LocationFactory().partner, full_name="Secret Person")
    staff = StaffFactory(full_name="Secret Reviewer")

    said = []
    for taken in (stranger, staff):
        with pytest.raises(Refused) as refusal:
            invited(admin, now=now, email=taken.email.upper())
        said.append(str(refusal.value))

    assert said == ["This address cannot be invited. Ask the person for another one, or contact support."] * 2
    assert (told(), Message.objects.count()) == ([], 0)


def test_only_an_account_admin_invites(colleague, now):
    with pytest.raises(RoleGone):
        invited(colleague, now=now)


def test_deactivating_ends_everything_but_the_roles(admin, location, now):
    person = invited(admin, now=now, roles=Roles("incentive_user", [location]))
    invitations.accept(link_of(person), full_name="Gerda", password=NEW, now=now)
    link = reset_link(person, now=now)

    assert standing.deactivate(person, by=admin, now=now)
    assert not standing.deactivate(person, by=admin, now=now)

    link.refresh_from_db()
    assert (person.standing, link.cause_of_death(now)) == (Standing.DEACTIVATED, "replaced")
    assert person.location_roles.count() == 1
    assert told(person)[-1] == ("deactivated", "Active", "Deactivated")
    with pytest.raises(passwords.LinkDied):
        passwords.reset(link, NEW, now=now)


def test_withdrawing_an_invitation_kills_its_link(admin, now):
    person = invited(admin, now=now)

    standing.deactivate(person, by=admin, now=now)

    assert told(person)[-1] == ("withdrawn", "Invited", "Deactivated")
    with pytest.raises(invitations.LinkDied):
        invitations.accept(link_of(person), full_name="Gerda", password=NEW, now=now)


def test_activating_lets_a_person_in_again_with_the_old_password(admin, colleague, now):
    standing.deactivate(colleague, by=admin, now=now)

    assert standing.activate(colleague, by=admin, now=now)
    assert not standing.activate(colleague, by=admin, now=now)

    assert (colleague.standing, colleague.check_password(PASSWORD)) == (Standing.ACTIVE, True)
    assert told(colleague)[-1] == ("reactivated", "Deactivated", "Active")


def test_activating_somebody_who_never_accepted_invites_them_anew(admin, now):
    person = invited(admin, now=now)
    standing.deactivate(person, by=admin, now=now)

    standing.activate(person, by=admin, now=now)

    assert (person.standing, link_of(person).cause_of_death(now)) == (Standing.INVITED, "")


def test_the_last_active_account_admin_cannot_be_deactivated(admin, location, now):
    with pytest.raises(Refused, match="last active Account Admin"):
        standing.deactivate(admin, by=admin, now=now)

    other = make_admin(location)
    standing.deactivate(admin, by=other, now=now)
    assert not User.objects.get(pk=admin.pk).is_active


def test_nobody_is_active_and_invited_at_once(colleague, now):
    """The database keeps it too: an account that can be used has no invitation that somebody could still accept."""
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=colleague.pk).update(invited_at=now)
