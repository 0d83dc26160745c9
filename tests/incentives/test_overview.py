from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Enrolment, LedgerEntry, LocationRole, PayeeProfile
from incentives.models.payee import Part
from tests.factories import LocationFactory, UserFactory, forget, give_role
from tests.pages import column, links, table, words

pytestmark = pytest.mark.django_db
PAGE = "/incentives/"
ADMIN = LocationRole.Role.ADMIN


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def admin(location):
    return give_role(UserFactory(partner=location.partner, full_name="Priya Kaur"), location, role=ADMIN)


def book(location, kind, amount, now, number=None):
    LedgerEntry.objects.create(
        location=location, kind=kind, amount_usd=Decimal(amount), claim_number=number, text="", at=now
    )


def test_totals_and_rows_come_from_the_ledger_of_my_locations(client, location, partner_user, stranger, now):
    other = LocationFactory(partner=location.partner)
    give_role(partner_user, other)
    for place, number in ((location, 1), (other, 2), (stranger.location_roles.get().location, 3)):
        book(place, "earned", "1000.10", now, number)
    book(location, "earned", "5.05", now, 4)
    book(location, "paid", "1000.10", now)

    response = client.get(PAGE)

    assert "Total earned $2,005.25 Total paid $1,000.10" in words(response)
    assert {tuple(row[3:5]) for row in table(response)} == {
        ("$1,005.15", "$1,000.10"),
        ("$1,000.10", "$0.00"),
    }


def test_a_row_names_programme_location_country_and_status(client, location):
    assert table(client.get(PAGE)) == [
        [
            "Microsoft Commerce Incentives",
            str(location),
            "United States of America",
            "$0.00",
            "$0.00",
            "Enrolled",
            "–",
            "Program guide",
        ]
    ]


@pytest.mark.parametrize(
    ("status", "role", "shown", "action"),
    [
        ("invited", ADMIN, "Invited", "Enroll {}"),
        ("invited", LocationRole.Role.USER, "Invited", "Enroll Incentive Admins who can do this: Priya Kaur"),
        ("action_required", ADMIN, "Action required", "Enroll {}"),
        ("action_required", LocationRole.Role.USER, "Enrolling", "–"),
        ("validating", ADMIN, "Validating enrollment", "–"),
        ("validating", LocationRole.Role.USER, "Enrolling", "–"),
        ("ineligible", ADMIN, "Ineligible", "See eligibility requirements {}"),
        ("inactive", LocationRole.Role.USER, "Inactive", "See eligibility requirements {}"),
        ("discontinued", ADMIN, "Discontinued", "See the reason {}"),
    ],
)
def test_what_is_to_be_done_depends_on_status_and_role(
    signed_in, location, admin, status, role, shown, action
):
    Enrolment.objects.update(status=status, missing=["terms"] if status == "action_required" else [])
    person = admin if role == ADMIN else give_role(UserFactory(partner=location.partner), location)

    (row,) = table(signed_in(person).get(PAGE))

    assert row[5:7] == [shown, action.format(location)]


@pytest.mark.parametrize(
    ("status", "missing", "complete", "looks_again"),
    [
        ("validating", [], False, True),
        ("action_required", ["bank"], True, True),
        ("action_required", ["bank"], False, False),
        ("action_required", ["terms"], True, False),
        ("invited", ["terms"], True, False),
        ("enrolled", [], True, False),
    ],
)
def test_the_list_looks_again_while_a_worker_is_about_to_move_a_location(
    client, status, missing, complete, looks_again
):
    """After the last of bank and tax details nobody has to reload to see the location enrolled."""
    Enrolment.objects.update(status=status, missing=missing)
    if not complete:
        forget(Part.BANK)

    assert ("This list looks again by itself." in words(client.get(PAGE))) == looks_again


@pytest.mark.parametrize("missing", [False, True])
def test_incomplete_payee_profiles_name_who_can_complete_them(client, admin, missing):
    forget(Part.BANK)
    if missing:
        PayeeProfile.objects.all().delete()

    assert column(client.get(PAGE), 6) == [
        "Update bank and tax details Incentive Admins who can do this: Priya Kaur"
    ]


@pytest.mark.parametrize(
    ("expires_in_days", "action"),
    [
        (None, "Bank and tax details: Complete"),
        (1, "Bank and tax details: Complete"),
        (0, "Update bank and tax details"),
        (-1, "Update bank and tax details"),
    ],
)
def test_an_incentive_admin_is_led_to_the_details_from_the_day_they_expire(
    signed_in, location, admin, now, expires_in_days, action
):
    day = None if expires_in_days is None else now.date() + timedelta(days=expires_in_days)
    PayeeProfile.objects.update(tax_expires_on=day)

    response = signed_in(admin).get(PAGE)

    assert column(response, 6) == [f"{action} {location}"]
    assert f"/incentives/payee/{location.pk}/" in links(response)[0]


@pytest.mark.parametrize(
    ("query", "cities"),
    [
        ("", ["Las Vegas", "São Paulo"]),
        ("sort=-location", ["São Paulo", "Las Vegas"]),
        ("sort=country", ["São Paulo", "Las Vegas"]),
        ("sort=status", ["Las Vegas", "São Paulo"]),
        ("status=invited", ["São Paulo"]),
        ("status=enrolled&status=invited", ["Las Vegas", "São Paulo"]),
        ("status=enrolling", []),
        ("country=BR", ["São Paulo"]),
        ("search=sao+paulo", ["São Paulo"]),
        ("search=commerce+brazil", ["São Paulo"]),
        ("search=mexico", []),
    ],
)
def test_filters_search_and_order_come_from_the_address(client, location, partner_user, query, cities):
    facts = {"city": "São Paulo", "country": "BR", "name": "Zed"}
    give_role(partner_user, LocationFactory(partner=location.partner, enrolled=False, **facts))

    assert [name.split(", ")[2].split(" (")[0] for name in column(client.get(f"{PAGE}?{query}"), 1)] == cities


@pytest.mark.parametrize(
    ("query", "status"), [("status=x", 422), ("country=FR", 422), ("sort=x", 422), ("page=2", 404)]
)
def test_strange_addresses_get_a_clear_answer(client, query, status):
    assert client.get(f"{PAGE}?{query}").status_code == status


def test_queries_do_not_grow_with_locations(client, location, partner_user, now):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(table(client.get(PAGE))) in {2, 25}
        return len(seen)

    def more(times: int) -> None:
        for n in range(times):
            place = LocationFactory(partner=location.partner, enrolled=n % 2 == 0)
            give_role(partner_user, place, role=ADMIN if n % 3 else LocationRole.Role.USER)
            book(place, "paid", "1.00", now)
        forget(Part.TAX)

    more(1)
    few = queries()
    more(29)

    assert queries() == few
