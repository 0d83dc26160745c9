"""When sessions end, and how soon a right is gone (S03, A06)."""

import pytest
from django.test import Client

from incentives.models import LocationRole, PartnerRole, User
from incentives.people import grants, passwords, standing
from incentives.people.grants import Roles
from tests.browsers import Browser
from tests.factories import UserFactory, claim_at, give_role
from tests.factories.incentives import PASSWORD
from tests.pages import words

from .conftest import CHOSEN, NEW, make_admin, reset_link

pytestmark = pytest.mark.django_db
CHANGE = {"current_password": PASSWORD, **CHOSEN}


def browsers(person, number: int = 3) -> list[Client]:
    found = [Browser() for _ in range(number)]
    for browser in found:
        browser.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    return found


def are_in(found: list[Client]) -> list[bool]:
    return [browser.get("/account/").status_code == 200 for browser in found]


def test_changing_the_password_ends_all_other_sessions(partner_user):
    here, *others = browsers(partner_user)

    answer = here.post("/account/password/", CHANGE)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert are_in([here, *others]) == [True, False, False]
    assert User.objects.get(pk=partner_user.pk).check_password(NEW)


def test_the_session_that_lives_on_has_a_new_key(partner_user):
    (here,) = browsers(partner_user, 1)
    before = here.session.session_key

    here.post("/account/password/", CHANGE)

    assert here.session.session_key != before


def test_a_reset_ends_every_session(partner_user, now):
    found = browsers(partner_user)
    passwords.reset(reset_link(partner_user, now=now), NEW, now=now)
    assert are_in(found) == [False] * 3


def test_a_role_given_or_taken_ends_every_session(admin, partner_user, location, now):
    found = browsers(partner_user)
    grants.take_roles(partner_user, by=admin, now=now, incentive=list(partner_user.location_roles.all()))
    assert are_in(found) == [False] * 3

    found = browsers(partner_user)
    grants.give_roles(partner_user, Roles(LocationRole.Role.USER, [location]), by=admin, now=now)
    assert are_in(found) == [False] * 3


def test_deactivation_ends_every_session_and_activation_brings_none_back(admin, partner_user, now):
    found = browsers(partner_user)
    standing.deactivate(partner_user, by=admin, now=now)
    assert are_in(found) == [False] * 3

    standing.activate(partner_user, by=admin, now=now)
    assert are_in(found) == [False] * 3
    assert are_in(browsers(partner_user, 1)) == [True]


def test_an_admin_who_changes_their_own_roles_stays_signed_in_here_only(admin, location):
    here, other = browsers(admin, 2)
    form = {"role": "incentive_user", "locations": [location.partner_number]}

    assert here.post(f"/account/users/{admin.pk}/roles/", form).status_code == 302

    assert are_in([here, other]) == [True, False]
    assert location.name in words(here.get("/incentives/"))


def test_signing_out_everywhere_ends_every_session(partner_user):
    found = browsers(partner_user)

    answer = found[0].post("/account/sign-out-everywhere/")

    assert answer.headers["Location"] == "/sign-in/"
    assert "You are signed out everywhere." in words(found[0].get("/sign-in/"))
    assert are_in(found) == [False] * 3
    assert are_in(browsers(partner_user, 1)) == [True]


def test_nobody_else_is_signed_out_by_it(partner_user, admin):
    (mine,), (theirs,) = browsers(partner_user, 1), browsers(admin, 1)
    mine.post("/account/sign-out-everywhere/")
    assert are_in([theirs]) == [True]


def test_control_without_the_epoch_a_role_change_ends_no_session(admin, partner_user, now, monkeypatch):
    monkeypatch.setattr(User, "end_sessions", lambda person: None)
    found = browsers(partner_user)
    grants.take_roles(partner_user, by=admin, now=now, incentive=list(partner_user.location_roles.all()))
    assert are_in(found) == [True] * 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current_password": "wrong"}, "This is not your current password."),
        ({"again": "x"}, "The two passwords are not the same."),
        ({"new_password": "short", "again": "short"}, "at least 12 characters"),
    ],
)
def test_a_wrong_form_changes_no_password_and_ends_no_session(partner_user, typed, said):
    found = browsers(partner_user, 2)

    refused = found[0].post("/account/password/", CHANGE | typed)

    assert refused.status_code == 422
    assert said in words(refused)
    assert are_in(found) == [True, True]
    assert User.objects.get(pk=partner_user.pk).check_password(PASSWORD)


def test_the_current_password_cannot_be_guessed_through_the_form(partner_user):
    (here,) = browsers(partner_user, 1)
    wrong = CHANGE | {"current_password": "wrong"}

    answers = [here.post("/account/password/", wrong).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert here.post("/account/password/", CHANGE).status_code == 429


@pytest.mark.parametrize("end", ["role", "deactivation", "row"])
def test_the_very_next_request_is_refused(admin, partner_user, location, now, end):
    """A06: pages, deeds, drafts and downloads, the moment the right is gone."""
    claim = claim_at("consent_received", now=now, location=location, by=partner_user)
    (client,) = browsers(partner_user, 1)
    client.post("/claims/add/", {"area": claim.engagement.solution_area_id})
    paths = [
        f"/claims/{claim.pk}/",
        f"/claims/{claim.pk}/history/",
        client.get(f"/claims/{claim.pk}/").request["PATH_INFO"],
    ]
    wizard = f"/claims/add/{partner_user.draft_set.get().pk}/customer/"
    assert [client.get(path).status_code for path in [*paths, wizard]] == [200] * 4

    roles = list(partner_user.location_roles.all())
    if end == "role":
        grants.take_roles(partner_user, by=admin, now=now, incentive=roles)
    elif end == "deactivation":
        standing.deactivate(partner_user, by=admin, now=now)
    else:
        partner_user.location_roles.all().delete()
    refused = 404 if end == "row" else 302

    assert [client.get(path).status_code for path in [*paths, wizard]] == [refused] * 4
    assert client.post(f"/claims/{claim.pk}/comments/", {"text": "Too late"}).status_code == refused
    assert not claim.comments.filter(text="Too late").exists()


def test_an_account_admin_whose_role_was_taken_manages_nobody_any_more(admin, location, colleague, now):
    other = make_admin(location)
    (client,) = browsers(other, 1)
    assert client.get("/account/users/").status_code == 200

    PartnerRole.objects.filter(user=other).delete()

    paths = ["/account/users/", "/account/audit/", f"/account/users/{colleague.pk}/"]
    assert [client.get(path).status_code for path in paths] == [404] * 3
    assert client.post(f"/account/users/{colleague.pk}/deactivation/").status_code == 404
    assert User.objects.get(pk=colleague.pk).is_active


def test_an_invited_person_can_neither_sign_in_nor_act(admin, location, now):
    guest = UserFactory(partner=location.partner, is_active=False, invited_at=now)
    give_role(guest, location)
    assert are_in(browsers(guest, 1)) == [False]
