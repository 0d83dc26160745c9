"""Account settings as people see it: own permissions, the company's users, the audit, and what is refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import AuditEntry, LocationRole, PartnerRole, User
from incentives.people import grants, standing
from incentives.people.grants import Roles
from incentives.views import people
from mail.models import Message
from tests.factories import LocationFactory, StaffFactory, UserFactory, give_role
from tests.pages import column, table, words

from .conftest import CHOSEN, invited, make_admin, told

pytestmark = pytest.mark.django_db
USERS, AUDIT, INVITE = "/account/users/", "/account/audit/", "/account/users/invitation/"
GUEST = {"full_name": "Gerda Guest", "email": "guest@fridayinc.example"}


def test_permissions_are_listed_by_workspace_and_location(admin, location, signed_in):
    sister = LocationFactory(partner=location.partner, city="Budapest", country="HU")
    give_role(admin, location, role=LocationRole.Role.ADMIN)
    give_role(admin, sister)

    page = words(signed_in(admin).get("/account/permissions/"))

    shown = page[page.index("Partner Center permissions") :]
    order = ["Incentives", "Incentive Admin", str(location), "Incentive User", str(sister)]
    order += ["Referrals", "You have no role in this workspace.", "Account", "Account Admin"]
    assert sorted(order, key=shown.index) == order


def test_a_person_without_any_role_sees_who_can_give_one(admin, colleague, signed_in):
    page = words(signed_in(colleague).get("/account/permissions/"))

    assert page.count("You have no role in this workspace.") == 3
    assert "Priya Kaur" in page and "priya@fridayinc.example" in page


def test_staff_see_their_own_role_and_may_change_their_password(signed_in):
    client = signed_in(StaffFactory())

    assert "POE reviewer" in words(client.get("/account/permissions/"))
    assert "Customer claims" not in words(client.get("/account/"))
    form = {"current_password": "a long enough password", **CHOSEN}
    assert client.post("/account/password/", form).status_code == 302


def test_tabs_for_users_and_audit_are_there_for_account_admins_only(admin, colleague, signed_in):
    assert "Users" in words(signed_in(admin).get("/account/"))
    assert "Users" not in words(signed_in(colleague).get("/account/"))


def test_no_role_says_which_is_missing_and_whom_to_ask(admin, colleague, signed_in):
    page = words(signed_in(colleague).get("/incentives/"))

    assert "You have no incentive role yet" in page
    assert "Incentive Admin or Incentive User" in page
    assert "Priya Kaur" in page
    assert "Assign yourself a role" not in page


def test_an_account_admin_without_a_role_is_led_to_giving_it(admin, signed_in):
    response = signed_in(admin).get("/incentives/")

    assert "Assign yourself a role" in words(response)
    assert f'href="/account/users/{admin.pk}/roles/"' in response.content.decode()


def test_users_lists_the_company_and_nobody_else(admin, colleague, location, stranger, signed_in, now):
    invited(admin, now=now)
    standing.deactivate(UserFactory(partner=location.partner, full_name="Clara"), by=admin, now=now)
    give_role(colleague, location)

    rows = table(signed_in(admin).get(USERS))

    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("Clara", "No role", "Deactivated"),
        ("Gerda Guest", "No role", "Invited"),
        ("Noah Reyes", "Incentive User 1 location", "Active"),
        ("Priya Kaur", "Account Admin", "Active"),
    ]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"search": "noah"}, ["Noah Reyes"]),
        ({"search": "KAUR priya@"}, ["Priya Kaur"]),
        ({"role": "account_admin"}, ["Priya Kaur"]),
        ({"role": "none"}, ["Clara"]),
        ({"role": ["none", "incentive_user"]}, ["Clara", "Noah Reyes"]),
        ({"status": "deactivated"}, ["Clara"]),
        ({"location": "{}"}, ["Noah Reyes"]),
        ({"sort": "-name"}, ["Priya Kaur", "Noah Reyes", "Clara"]),
        ({"sort": "email"}, ["Clara", "Noah Reyes", "Priya Kaur"]),
        ({"search": "nobody is called so"}, []),
    ],
)
def test_users_are_searched_filtered_and_sorted(admin, colleague, location, signed_in, query, names):
    UserFactory(partner=location.partner, full_name="Clara", email="a@fridayinc.example", is_active=False)
    give_role(colleague, location)
    query = {
        name: value.format(location.partner_number) if isinstance(value, str) else value
        for name, value in query.items()
    }

    assert column(signed_in(admin).get(USERS, query), 0) == names


def queries(client, path) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("rows", [1, 30])
def test_the_number_of_queries_does_not_grow(admin, location, signed_in, now, rows):
    for _ in range(rows):
        grants.give_roles(
            UserFactory(partner=location.partner),
            Roles("incentive_user", [location], ["referrals_admin"]),
            by=admin,
            now=now,
        )
    client, person = signed_in(admin), User.objects.latest("pk")

    numbers = {path: queries(client, path) for path in (USERS, AUDIT, f"{USERS}{person.pk}/")}

    assert numbers == {USERS: 9, AUDIT: 6, f"{USERS}{person.pk}/": 8}


def test_an_invitation_is_sent_with_its_roles(admin, location, signed_in):
    form = GUEST | {"role": "incentive_admin", "locations": [location.partner_number]}

    answer = signed_in(admin).post(INVITE, form)

    guest = User.objects.get(email="guest@fridayinc.example")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{USERS}{guest.pk}/")
    assert (guest.standing, guest.location_roles.get().role) == ("invited", "incentive_admin")
    assert Message.objects.get().to == guest.email


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "noah@fridayinc.example"}, "Noah Reyes already uses this address in your company."),
        ({"email": "x"}, "valid email address"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "valid email address"),
        ({"full_name": ""}, "required"),
        ({"role": "incentive_admin"}, "Choose at least one location for this role."),
        ({"role": "owner"}, "not one of the available choices"),
        ({"company_roles": ["owner"]}, "not one of the available choices"),
    ],
)
def test_a_wrong_invitation_is_refused_and_nothing_is_made(admin, colleague, signed_in, typed, said):
    response = signed_in(admin).post(INVITE, GUEST | typed)

    assert response.status_code == 422
    assert said in words(response)
    assert (User.objects.filter(full_name="Gerda Guest").count(), told()) == (0, [])


def test_a_foreign_address_is_refused_without_a_name_and_leads_to_support(
    admin, stranger, signed_in, settings
):
    settings.SUPPORT_ADDRESS = "help@vendor.example"
    response = signed_in(admin).post(INVITE, GUEST | {"email": stranger.email})

    assert response.status_code == 422
    assert "This address cannot be invited." in words(response)
    assert 'href="mailto:help@vendor.example"' in response.content.decode()
    assert stranger.full_name not in words(response)
    assert stranger.partner.name not in words(response)


def test_searching_for_addresses_by_invitations_is_slowed_down(admin, colleague, signed_in, monkeypatch):
    monkeypatch.setattr(people, "INVITATIONS", 3)
    client, known = signed_in(admin), GUEST | {"email": colleague.email}

    refusals = [words(client.post(INVITE, known)) for _ in range(4)]

    assert ["Too many invitations" in page for page in refusals] == [False, False, False, True]


@pytest.mark.parametrize("path", ["roles/", "invitation/"])
def test_a_location_of_another_company_is_refused_by_its_number(admin, colleague, signed_in, path, location):
    """The place is named, and nothing is changed, not even what would have been right."""
    foreign = LocationFactory(city="Atlantis")
    form = GUEST | {"role": "incentive_user", "locations": [location.partner_number, foreign.partner_number]}
    address = INVITE if path == "invitation/" else f"{USERS}{colleague.pk}/{path}"

    response = signed_in(admin).post(address, form)

    assert response.status_code == 422
    assert f"{foreign.partner_number} is not a PartnerID of your company." in words(response)
    assert "Atlantis" not in words(response)
    assert (LocationRole.objects.count(), told()) == (0, [])


def test_roles_are_assigned_and_removed_on_the_persons_page(admin, colleague, location, signed_in):
    client, page = signed_in(admin), f"{USERS}{colleague.pk}/"
    form = {
        "role": "incentive_user",
        "locations": [location.partner_number],
        "company_roles": ["referrals_admin"],
    }

    assert client.post(f"{page}roles/", form).headers["Location"] == page
    rows = table(client.get(page))
    assert [row[1:] for row in rows] == [
        ["The whole company", "Referrals Admin"],
        [str(location), "Incentive User"],
    ]
    chosen = {"incentive": [colleague.location_roles.get().pk], "company": [colleague.partner_roles.get().pk]}
    assert client.post(f"{page}roles/removal/", chosen).headers["Location"] == page
    assert "No role yet" in words(client.get(page))


def test_removing_nothing_and_the_last_admin_is_refused_in_words(admin, signed_in):
    client, page = signed_in(admin), f"{USERS}{admin.pk}/"
    mine = {"company": [admin.partner_roles.get().pk]}

    answers = [client.post(f"{page}roles/removal/", form) for form in ({}, mine, {"company": ["0"]})]
    answers.append(client.post(f"{page}deactivation/"))

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "Select the roles to remove first." in words(answers[0])
    assert "last active Account Admin" in words(answers[1])
    assert "last active Account Admin" in words(answers[3])
    assert User.objects.get(pk=admin.pk).is_active


def test_the_audit_tells_an_account_admin_of_the_own_company_only(admin, colleague, location, signed_in, now):
    elsewhere = LocationFactory()
    foreign_admin = make_admin(elsewhere)
    grants.give_roles(foreign_admin, Roles("incentive_user", [elsewhere]), by=foreign_admin, now=now)
    grants.give_roles(colleague, Roles("incentive_user", [location]), by=admin, now=now - timedelta(days=2))
    standing.deactivate(colleague, by=admin, now=now)

    rows = table(signed_in(admin).get(AUDIT))

    assert [row[1:] for row in rows] == [
        ["Person deactivated", "Priya Kaur", "Noah Reyes", "–", "Active", "Deactivated"],
        ["Role assigned", "Priya Kaur", "Noah Reyes", str(location), "–", "Incentive User"],
    ]


def test_the_vendors_staff_appear_in_a_companys_audit_as_the_vendor(
    admin, location, signed_in, now, settings
):
    """Neither by name nor by what is found when one guesses at it (ACT-4, A10)."""
    owner = StaffFactory(full_name="Daniel Weiss", email="daniel@vendor.example")
    facts = {"location": location, "after": "A designation"}
    for by in (owner, admin):
        AuditEntry.write(AuditEntry.Action.ATTAINMENT, by=by, now=now, **facts)
    client = signed_in(admin)

    shown = [row[2] for row in table(client.get(AUDIT))]
    found = {
        word: len(table(client.get(AUDIT, {"search": word})))
        for word in ("daniel", "weiss", "vendor.example", "priya", "designation")
    }

    assert shown == ["Priya Kaur", settings.VENDOR_NAME]
    assert found == {"daniel": 0, "weiss": 0, "vendor.example": 0, "priya": 1, "designation": 2}


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ({"search": "reyes"}, ["Person deactivated", "Role assigned"]),
        ({"search": "{}"}, ["Role assigned"]),
        ({"search": "noah incentive"}, ["Role assigned"]),
        ({"action": "deactivated"}, ["Person deactivated"]),
        ({"sort": "at"}, ["Role assigned", "Person deactivated"]),
        ({"search": "nothing of the kind"}, []),
    ],
)
def test_the_audit_is_searched_and_filtered(admin, colleague, location, signed_in, now, query, changes):
    grants.give_roles(colleague, Roles("incentive_user", [location]), by=admin, now=now - timedelta(days=2))
    standing.deactivate(colleague, by=admin, now=now)
    query = {name: value.format(location.partner_number) for name, value in query.items()}

    assert column(signed_in(admin).get(AUDIT, query), 1) == changes


def test_the_auditor_reads_the_audit_of_every_company_and_other_staff_do_not(
    admin, colleague, location, signed_in, now
):
    grants.give_roles(colleague, Roles("incentive_user", [location]), by=admin, now=now)
    path = "/desk/incentives/auditentry/"

    page = signed_in(StaffFactory(vendor_role=User.VendorRole.AUDITOR)).get(path)
    others = [
        signed_in(StaffFactory(vendor_role=role)).get(path).status_code
        for role in User.VendorRole.values
        if role != User.VendorRole.AUDITOR
    ]

    assert table(page)[0][1:] == [
        "Role assigned", location.partner.name, "Priya Kaur", "Noah Reyes", str(location), "–", "Incentive User"
    ]  # fmt: skip
    assert others == [403] * 4
    assert signed_in(admin).get(path).status_code == 404


EXTRA = {
    "partner": "1",
    "vendor_role": "auditor",
    "is_active": "1",
    "is_staff": "1",
    "is_superuser": "1",
    "invited_at": "",
    "session_epoch": "0",
    "user": "1",
    "by": "1",
    "password": "hacked",
    "id": "1",
    "pk": "1",
    "created_at": "2000-01-01",
}


def facts_of(person: User) -> dict[str, object]:
    names = ("partner", "vendor_role", "is_active", "created_at", "email", "pk")
    return User.objects.values(*names).get(pk=person.pk)


def test_no_form_takes_more_than_its_own_fields(admin, colleague, location, signed_in, now):
    """Mass assignment (A07): fields of the tables, added to every form here, are no fields of the form."""
    client = signed_in(admin)
    page, foreign = f"{USERS}{colleague.pk}/", LocationFactory()
    extra = EXTRA | {"partner": str(foreign.partner_id), "partner_id": str(foreign.partner_id)}
    before = {person.pk: facts_of(person) for person in (admin, colleague)}
    forms = {
        f"{page}roles/": {"role": "incentive_user", "locations": [location.partner_number]},
        f"{page}roles/removal/": {"company": [PartnerRole.objects.create(
            user=colleague, partner=location.partner, role="referrals_admin").pk]},
        "/account/password/": {"current_password": "a long enough password", **CHOSEN},
        INVITE: GUEST,
    }  # fmt: skip

    codes = {path: client.post(path, extra | form).status_code for path, form in forms.items()}

    assert codes == dict.fromkeys(forms, 302)
    assert {person.pk: facts_of(person) for person in (admin, colleague)} == before
    guest = facts_of(User.objects.get(email=GUEST["email"]))
    assert (guest["partner"], guest["vendor_role"], guest["is_active"]) == (location.partner_id, "", False)
    assert set(AuditEntry.objects.values_list("by", "partner")) == {(admin.pk, location.partner_id)}
