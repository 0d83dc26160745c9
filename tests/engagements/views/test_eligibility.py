from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagements.models import Designation, PrivateListEntry
from incentives.models import Enrolment, LocationRole, PayeeProfile
from incentives.models.payee import Part
from tests.factories import EngagementFactory, LocationFactory, UserFactory, forget, give_role, hold
from tests.pages import column, links, table, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def engagement(location):
    hold(location, "SP Security")
    return EngagementFactory(partner_criteria_any=["SP Security", "Co-sell Ready"])


@pytest.fixture
def address(engagement):
    return f"/engagements/{engagement.code}/eligibility/"


def test_shows_each_criterion_met_or_not(client, address, engagement, location, partner_user, look):
    other = LocationFactory(partner=location.partner, city="Budapest", country="HU", region="Central Europe")
    give_role(partner_user, other)

    second, first = table(look(client, address))

    assert first[:3] == ["Americas", "United States of America", str(location)]
    assert first[3].startswith(
        f"Eligible Show the criteria Eligibility requirements {location} Met: Enrolled in the programme Met: In a"
    )
    assert "Met: One of these designations or specializations SP Security Co-sell Ready" in first[3]
    assert first[4:] == ["Complete", "–"]
    assert second[:3] == ["Central Europe", "Hungary", str(other)]
    assert second[3].startswith("Ineligible")
    assert "Not met: One of these designations or specializations" in second[3]


def test_a_location_in_a_country_that_is_not_paid_is_not_eligible(client, address, engagement, look):
    card = engagement.rate_cards.get()
    card.rate_a = None
    card.save()

    assert "Not met: In a country/region that the engagement pays for" in table(look(client, address))[0][3]


def test_a_private_list_is_a_criterion(client, address, engagement, location, partner_user, look):
    engagement.private_list = True
    engagement.save()
    give_role(partner_user, hold(LocationFactory(partner=location.partner, city="Reno"), "SP Security"))
    PrivateListEntry.objects.create(engagement=engagement, location=location)

    on_list, not_on_list = table(look(client, address))

    assert (on_list[2], "Met: On the engagement's list of eligible partners" in on_list[3]) == (
        str(location),
        True,
    )
    assert "Not met: On the engagement's list of eligible partners" in not_on_list[3]


def test_lists_locations_that_are_enrolled_or_enrolling(client, address, location, partner_user, look):
    shown = {"enrolled", "action_required", "validating"}
    cities = {}
    for status in Enrolment.Status.values:
        place = LocationFactory(partner=location.partner, city=status)
        Enrolment.objects.filter(location=place).update(status=status)
        cities[status] = str(give_role(partner_user, place) and place)
    LocationFactory(partner=location.partner, city="without a role")

    found = set(column(look(client, address), 2))

    assert found == {str(location)} | {cities[status] for status in shown}


@pytest.mark.parametrize("missing", [False, True])
def test_incomplete_payee_profiles_name_who_can_complete_them(client, address, location, missing, look):
    give_role(
        UserFactory(partner=location.partner, full_name="Priya Kaur"), location, role=LocationRole.Role.ADMIN
    )
    forget(Part.TAX, location)
    if missing:
        PayeeProfile.objects.filter(location=location).delete()

    (row,) = table(look(client, address))

    assert row[4:] == [
        "Bank and tax details incomplete",
        "Update bank and tax details Incentive Admins who can do this: Priya Kaur",
    ]


@pytest.mark.parametrize(
    ("expires_in_days", "shown"),
    [(1, ["Complete", "–"]), (0, ["Bank and tax details incomplete", "Update bank and tax details {}"])],
)
def test_an_incentive_admin_is_led_to_the_details_from_the_day_they_expire(
    signed_in, address, location, now, expires_in_days, shown
):
    admin = give_role(UserFactory(partner=location.partner), location, role=LocationRole.Role.ADMIN)
    PayeeProfile.objects.update(tax_expires_on=now.date() + timedelta(days=expires_in_days))

    response = signed_in(admin).get(address)

    (row,) = table(response)
    assert row[4:] == [cell.format(location) for cell in shown]
    assert links(response) == [[f"/incentives/payee/{location.pk}/"] if expires_in_days == 0 else []]


def test_says_when_eligibility_was_last_updated(client, address, look, now):
    assert "The first update is still to come." in words(client.get(address))

    at = f"{now:%b} {now.day}, {now:%Y, %H:%M:%S} UTC"
    assert f"Eligibility status is updated daily. Last update: {at}" in words(look(client, address))


def test_a_location_that_was_not_judged_yet_is_told_so(client, address):
    (row,) = table(client.get(address))

    assert row[3].startswith("Ineligible")
    assert "This location was not evaluated yet." in row[3]


def test_alternatives_are_named_as_people_know_them(client, address, look):
    Designation.objects.filter(code="SP Security").update(name="Solutions Partner for Security")
    Designation.objects.create(code="Co-sell Ready", name="Co-sell", kind="specialization")

    (row,) = table(look(client, address))

    assert "Solutions Partner for Security Specialization: Co-sell" in row[3]


@pytest.mark.parametrize(
    ("query", "cities"),
    [
        ("", ["Reno", "Győr"]),
        ("sort=region", ["Reno", "Győr"]),
        ("sort=-location", ["Győr", "Reno"]),
        ("sort=eligibility", ["Reno", "Győr"]),
        ("sort=payee", ["Győr", "Reno"]),
        ("region=Central+Europe", ["Győr"]),
        ("region=Central+Europe&region=Americas", ["Reno", "Győr"]),
        ("country=US", ["Reno"]),
        ("status=eligible", ["Reno"]),
        ("status=ineligible", ["Győr"]),
        ("search=gyor", ["Győr"]),
        ("search=5222222", ["Győr"]),
        ("location=5222222&status=eligible", []),
    ],
)
def test_filters_search_and_order_come_from_the_address(
    client, address, location, partner_user, query, cities, look
):
    location.city = "Reno"
    location.name = "A"
    location.save()
    forget(Part.BANK, location)
    facts = {
        "city": "Győr",
        "country": "HU",
        "region": "Central Europe",
        "partner_number": 5222222,
        "name": "B",
    }
    give_role(partner_user, LocationFactory(partner=location.partner, **facts))

    found = [name.split(", ")[-1].split(" (")[0] for name in column(look(client, f"{address}?{query}"), 2)]

    assert found == cities


@pytest.mark.parametrize(
    "query", ["region=Mars", "country=FR", "country=XX", "location=1", "status=yes", "sort=x"]
)
def test_strange_addresses_get_a_clear_answer(client, address, query, look):
    response = look(client, f"{address}?{query}")

    assert (response.status_code, table(response)) == (422, [])
    assert "asks for something that the list does not know" in words(response)


def test_queries_do_not_grow_with_locations(client, address, location, partner_user, look):
    def queries() -> int:
        look(client, address)
        with CaptureQueriesContext(connection) as seen:
            assert len(table(client.get(address))) in {1, 25}
        return len(seen)

    forget(Part.TAX)
    few = queries()
    for _n in range(29):
        place = LocationFactory(partner=location.partner)
        give_role(partner_user, place)
        give_role(UserFactory(partner=location.partner), place, role=LocationRole.Role.ADMIN)
    forget(Part.TAX)

    assert queries() == few


def test_an_engagement_that_does_not_exist_is_not_found(client):
    for code in ("nothing", "x" * 500, "mws-t0"):
        assert client.get(f"/engagements/{code}/eligibility/").status_code == 404
