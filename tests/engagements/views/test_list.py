from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagements.models import PrivateListEntry
from tests.factories import EngagementFactory, LocationFactory, UserFactory, claim_at, give_role, hold
from tests.factories.engagements import SolutionAreaFactory
from tests.pages import column, links, table, words

pytestmark = pytest.mark.django_db
LIST = "/engagements/"


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


def test_shows_name_role_availability_eligibility_and_active_customers(
    client, partner_user, location, now, look
):
    engagement = EngagementFactory(name="Enable Frontline Workshop", partner_criteria_any=["SP Security"])
    hold(location, "SP Security")
    give_role(partner_user, LocationFactory(partner=location.partner))
    claim_at("awaiting_consent", now=now, engagement=engagement, location=location)
    claim_at("cancelled", now=now, engagement=engagement, location=location)

    response = look(client, LIST)

    (row,) = table(response)
    assert row[:3] == ["Enable Frontline Workshop", "Partner activities", "Active"]
    assert row[3:] == ["1 of 2 enrolled locations are eligible for Enable Frontline Workshop", "1"]
    assert links(response) == [
        [f"/engagements/{engagement.code}/", f"/engagements/{engagement.code}/eligibility/"]
    ]
    assert response.content.count(b'class="status status--good"') == 2


def test_no_green_icon_where_no_location_is_eligible(client, look):
    EngagementFactory(partner_criteria_any=["SP Security"], opens_on="2020-01-01", closes_on="2020-02-01")

    response = look(client, LIST)

    assert table(response)[0][2:4] == [
        "Closed",
        f"0 of 1 enrolled locations are eligible for {table(response)[0][0]}",
    ]
    assert b"status--good" not in response.content


def test_only_locations_with_a_role_are_counted(client, partner_user, location, stranger, now, look):
    LocationFactory(partner=location.partner)
    give_role(partner_user, LocationFactory(partner=location.partner, enrolled=False))
    engagement = EngagementFactory()
    elsewhere = stranger.location_roles.get().location
    claim_at("awaiting_consent", now=now, engagement=engagement, location=elsewhere, by=stranger)

    (row,) = table(look(client, LIST))

    assert (row[3].split(" enrolled")[0], row[4]) == ("1 of 1", "0")


def test_overdue_claims_are_no_active_customers(client, location, now, look):
    engagement = EngagementFactory()
    claim_at("customer_claimed", now=now, age=timedelta(days=31), engagement=engagement, location=location)

    assert column(look(client, LIST), 4) == ["0"]


def test_private_lists_show_only_to_people_of_a_listed_location(client, signed_in, location, stranger, look):
    engagement = EngagementFactory(private_list=True)
    PrivateListEntry.objects.create(engagement=engagement, location=location)
    other = signed_in(stranger)

    assert column(look(client, LIST), 0) == [engagement.name]
    assert table(look(other, LIST)) == []
    for page in ("", "customers/", "eligibility/"):
        assert client.get(f"/engagements/{engagement.code}/{page}").status_code == 200
        assert other.get(f"/engagements/{engagement.code}/{page}").status_code == 404


def test_tabs_separate_solution_areas(client, look):
    SolutionAreaFactory(code="azure", name="Azure", position=2)
    EngagementFactory(name="Of work")
    EngagementFactory(name="Of Azure", solution_area_id="azure")

    assert column(look(client, LIST), 0) == ["Of work"]
    assert column(look(client, f"{LIST}?area=azure"), 0) == ["Of Azure"]


@pytest.fixture
def three(location, partner_user):
    """Three engagements and a second location that is eligible for the first of them only."""
    second = hold(LocationFactory(partner=location.partner, city="Budapest", country="HU"), "SP Security")
    give_role(partner_user, second)
    EngagementFactory(name="Älpha", partner_criteria_any=["SP Security"])
    EngagementFactory(name="beta", partner_role="Transact", payout="", activity_type=None)
    EngagementFactory(name="Gamma", opens_on="2100-01-01")
    return second


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Älpha", "beta", "Gamma"]),
        ("sort=-name", ["Gamma", "beta", "Älpha"]),
        ("sort=eligibility", ["Älpha", "beta", "Gamma"]),
        ("sort=-eligibility", ["beta", "Gamma", "Älpha"]),
        ("sort=-role", ["beta", "Älpha", "Gamma"]),
        ("sort=-availability", ["Gamma", "Älpha", "beta"]),
        ("search=alpha", ["Älpha"]),
        ("search=ALPH+la", []),
        ("search=a&role=Transact", ["beta"]),
        ("status=upcoming", ["Gamma"]),
        ("status=active&status=upcoming", ["Älpha", "beta", "Gamma"]),
        ("status=closed", []),
        ("role=Transact&status=active", ["beta"]),
    ],
)
def test_filters_search_and_order_come_from_the_address(client, three, query, names, look):
    assert column(look(client, f"{LIST}?{query}"), 0) == names


def test_a_location_filter_counts_that_location_alone(client, three, location, now, look):
    claim_at("awaiting_consent", now=now, engagement=EngagementFactory(name="delta"), location=location)

    def figures(number: int) -> list[tuple[str, str]]:
        return [
            (row[3].split(" enrolled")[0], row[4]) for row in table(look(client, f"{LIST}?location={number}"))
        ]

    assert figures(three.partner_number) == [
        ("1 of 1", "0"),
        ("1 of 1", "0"),
        ("1 of 1", "0"),
        ("1 of 1", "0"),
    ]
    assert figures(location.partner_number) == [
        ("0 of 1", "0"),
        ("1 of 1", "0"),
        ("1 of 1", "1"),
        ("1 of 1", "0"),
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=open", 422),
        ("role=x'%3B--", 422),
        ("sort=pk", 422),
        ("sort=--name", 422),
        ("location=abc", 422),
        ("location=" + "9" * 400, 422),
        ("search=" + "x" * 201, 422),
        ("search=%ff%fe", 200),
        ("search=%25", 200),
        ("search=%00", 400),
        ("area=nowhere", 404),
        ("area=%ED%A0%80", 404),
        ("page=0", 404),
        ("page=2", 404),
        ("page=-1", 404),
        ("page=x", 404),
        ("page=" + "9" * 5000, 404),
        ("unknown=1&status=", 200),
    ],
)
def test_strange_addresses_get_a_clear_answer(client, three, query, status, look):
    response = look(client, f"{LIST}?{query}")

    assert response.status_code == status
    if status == 422:
        assert "asks for something that the list does not know" in words(response)
        assert table(response) == []


def test_a_location_of_another_company_is_no_choice(client, three, stranger, look):
    foreign = stranger.location_roles.get().location

    response = look(client, f"{LIST}?location={foreign.partner_number}")

    assert response.status_code == 422
    assert str(foreign) not in words(response)


@pytest.mark.parametrize("also", ["", "?sort=-customers&status=active&search=workshop"])
def test_queries_do_not_grow_with_engagements_locations_or_claims(
    client, partner_user, location, now, also, look
):
    def queries() -> int:
        look(client, LIST)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST + also).status_code == 200
        return len(seen)

    PrivateListEntry.objects.create(engagement=EngagementFactory(private_list=True), location=location)
    claim_at("awaiting_consent", now=now, engagement=EngagementFactory(), location=location)
    few = queries()
    for _n in range(29):
        engagement = EngagementFactory(private_list=True)
        PrivateListEntry.objects.create(engagement=engagement, location=location)
        give_role(partner_user, LocationFactory(partner=location.partner))
    for _n in range(5):
        claim_at("awaiting_consent", now=now, engagement=EngagementFactory(), location=location)

    assert queries() == few


def test_htmx_gets_the_list_alone_from_the_same_template(client):
    EngagementFactory()

    fragment = client.get(LIST, headers={"HX-Request": "true"})

    assert fragment.content.decode().lstrip().startswith('<section class="list" id="engagements"')
    assert fragment.content.strip() in client.get(LIST).content
    assert "HX-Request" in fragment["Vary"]


def test_people_without_a_role_learn_which_one_is_missing_and_whom_to_ask(signed_in, location, engagement):
    admin = UserFactory(partner=location.partner, full_name="Priya Kaur")
    admin.partner_roles.create(partner=location.partner, role="account_admin")
    client = signed_in(UserFactory(partner=location.partner))

    for page in (
        "/incentives/",
        LIST,
        "/engagements/attention/",
        f"/engagements/{engagement.code}/eligibility/",
    ):
        text = words(client.get(page))
        assert "You have no incentive role yet" in text
        assert "Incentive Admin or Incentive User" in text
        assert f"Priya Kaur , {admin.email}" in text
        assert engagement.name not in text


def test_staff_find_no_partner_pages(signed_in, reviewer, engagement):
    client = signed_in(reviewer)

    for page in (
        "",
        "attention/",
        f"{engagement.code}/",
        f"{engagement.code}/customers/",
        f"{engagement.code}/eligibility/",
    ):
        assert client.get(f"/engagements/{page}").status_code == 404
    assert client.get("/incentives/").headers["Location"] == "/desk/"


def test_nothing_is_changed_by_post(client, engagement):
    for page in (
        "",
        "attention/",
        f"{engagement.code}/",
        f"{engagement.code}/customers/",
        f"{engagement.code}/eligibility/",
    ):
        assert client.post(f"/engagements/{page}").status_code == 405
