"""Payee profiles on the desk: who of the vendor sees them, and how little of them (ROLE-6)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Enrolment, PayeeProfile, User
from incentives.models.payee import Part
from tests.factories import LocationFactory, StaffFactory, forget
from tests.pages import table, words

pytestmark = pytest.mark.django_db
LIST = "/desk/incentives/payeeprofile/"
Role = User.VendorRole


@pytest.fixture
def client(signed_in):
    return signed_in(StaffFactory(vendor_role=Role.AUDITOR))


def change_page(profile: PayeeProfile) -> str:
    return f"{LIST}{profile.pk}/change/"


@pytest.mark.parametrize("role", Role.values)
def test_those_who_need_it_read_it_and_nobody_changes_anything(signed_in, location, role):
    client, profile = signed_in(StaffFactory(vendor_role=role)), PayeeProfile.objects.get()
    reads = 200 if role in {Role.OWNER, Role.SUPPORT, Role.AUDITOR} else 403
    before = PayeeProfile.objects.values().get()

    assert [client.get(address).status_code for address in (LIST, change_page(profile))] == [reads] * 2
    assert client.post(change_page(profile), {"bank_name": "Mine", "bank_mask": "x"}).status_code == 403
    assert client.post(f"{LIST}add/", {"location": location.pk}).status_code == 404
    assert client.post(f"{LIST}{profile.pk}/delete/", {"post": "yes"}).status_code == 404
    assert PayeeProfile.objects.values().get() == before


def test_a_row_tells_the_state_and_the_masks(client, location):
    (row,) = table(client.get(LIST))

    assert row == [
        str(location),
        "Enrolled",
        "Complete",
        "United States of America",
        "•••• 6789",
        "United States of America",
        "•••• 789",
        "W-9",
        "-",
    ]


def test_one_profile_tells_no_more_than_the_masks(client, location):
    text = words(client.get(change_page(PayeeProfile.objects.get())))

    assert "Beneficiary name Partner Inc." in text
    assert "Tax number •••• 789" in text
    assert "sealed" not in text.lower()


@pytest.mark.parametrize(
    ("query", "cities"),
    [
        ("", ["Gone", "Half", "Las Vegas", "New"]),
        ("status=complete", ["Las Vegas"]),
        ("status=incomplete", ["Gone", "Half", "New"]),
        ("status=incomplete&enrolment=enrolled", ["Gone", "Half"]),
        ("q=half", ["Half"]),
        ("status=nonsense", ["Gone", "Half", "Las Vegas", "New"]),
    ],
)
def test_filters_and_search(client, location, query, cities):
    for city in ("Gone", "Half", "New"):
        LocationFactory(city=city, partner=location.partner, enrolled=city != "New")
    PayeeProfile.objects.filter(location__city="Gone").update(tax_expires_on=date(2020, 1, 1))
    forget(Part.BANK, PayeeProfile.objects.get(location__city="Half").location)
    forget(Part.TAX, PayeeProfile.objects.get(location__city="New").location)

    rows = table(client.get(f"{LIST}?{query}"))

    assert sorted(row[0].split(", ")[2].split(" (")[0] for row in rows) == cities


def test_the_first_page_counts_who_cannot_be_paid(client, location):
    LocationFactory(enrolled=False)
    forget(Part.BANK)

    response = client.get("/desk/")

    assert "Payee profiles 1 enrolled, but bank and tax details incomplete" in words(response)
    assert f"{LIST}?enrolment={Enrolment.Status.ENROLLED}&amp;status=incomplete" in response.content.decode()


def test_queries_do_not_grow_with_profiles(client, location):
    def queries(rows: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(table(client.get(LIST))) == rows
        return len(seen)

    few = queries(1)
    for _n in range(8):
        LocationFactory()
    assert queries(9) == few
