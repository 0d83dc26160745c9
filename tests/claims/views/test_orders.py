"""Every column orders the list by what it shows, either way, page after page (CLM-1)."""

from datetime import UTC, datetime, timedelta

import pytest

from claims.listing import COLUMNS
from claims.models import CustomerIdentity
from claims.states import Status as S
from engagements.models import SolutionArea
from incentives.listing import fold
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)

pytestmark = pytest.mark.django_db
URL = "/claims/"
KEYS = [column.key for column in COLUMNS]
ALL = {"show": KEYS, "search": "claim"}


@pytest.fixture(scope="module")
def somebody(lasting):
    """A person with roles in three countries, for claims that differ in all that the list shows."""
    now = datetime.now(UTC)
    places = [LocationFactory(name=name, country=code) for name, code in (("Beta", "US"), ("alpha", "DE"))]
    places.append(LocationFactory(partner=places[0].partner, name="Gamma", country="CH"))
    person = give_role(UserFactory(partner=places[0].partner), *places)
    azure = SolutionArea.objects.create(code="azure", name="Azure", position=2)
    workshops = [EngagementFactory(workload="Viva"), EngagementFactory(solution_area=azure, workload="")]
    workshops[1].name = "An assessment"
    workshops[1].save()
    statuses = [S.CUSTOMER_CLAIMED, S.APPROVED, S.UNDER_REVIEW, S.CONSENT_RECEIVED, S.CANCELLED, S.DISPUTED]
    for n, status in enumerate(statuses):
        customer = make_customer(("tenant", "domain")[n % 2])
        customer.organization.name = f"{'zyxWVU'[n]} Limited"
        customer.organization.save()
        facts = {
            "by": person,
            "customer": customer,
            "engagement": workshops[n % 2],
            "name": f"Claim {'bACdEf'[n]}",
        }
        claim_at(status, now=now, location=places[n % 3], age=timedelta(days=3 + n), **facts)
    late = make_claim(
        now=now - timedelta(days=31), location=places[0], by=person, engagement=workshops[0], name="Claim g"
    )
    assert late.status == S.CUSTOMER_CLAIMED
    return person


def told(cell, nothing):
    """What a cell is ordered by: as people read it, capitals aside; what is empty comes last."""
    if cell is None:
        return nothing
    return fold(cell) if isinstance(cell, str) else cell


def cells(response, key):
    place = KEYS.index(key)
    return [row.cells[place][1] for row in response.context["page"]]


@pytest.mark.parametrize("key", KEYS)
def test_a_column_orders_the_list_by_what_it_shows(somebody, signed_in, key):
    client = signed_in(somebody)
    up, down = (client.get(URL, ALL | {"sort": f"{sign}{key}"}) for sign in ("", "-"))

    shown, backwards = cells(up, key), cells(down, key)
    if key == "customer_id":
        kinds = cells(up, "id_kind")
        values = dict(CustomerIdentity.objects.values_list("value", "kind"))
        assert shown == sorted(shown, key=lambda value: (values[value], value))
        assert len(set(kinds)) == 2
    elif key == "id_kind":
        assert [kind for n, kind in enumerate(shown) if not n or kind != shown[n - 1]] == [
            "Domain name",
            "Tenant ID",
        ]
    elif key == "expiry":
        running = [day for day in shown if day]
        assert shown == sorted(running) + [None] * (7 - len(running))
        assert backwards == sorted(running, reverse=True) + [None] * (7 - len(running))
    else:
        assert shown == sorted(shown, key=lambda cell: told(cell, "~"))
        assert backwards == sorted(backwards, key=lambda cell: told(cell, "~"), reverse=True)
    assert len(shown) == len(backwards) == 7
    assert {row.pk for row in up.context["page"]} == {row.pk for row in down.context["page"]}


def test_an_overdue_claim_stands_where_it_belongs_by_now(somebody, signed_in):
    ordered = cells(signed_in(somebody).get(URL, ALL | {"sort": "status"}), "status")
    assert "Customer consent expired" in ordered
    assert ordered == sorted(ordered)


@pytest.fixture(scope="module")
def alike(lasting):
    """A person, and the numbers of five claims that differ in little."""
    place, engagement = LocationFactory(), EngagementFactory()
    person = give_role(UserFactory(partner=place.partner), place)
    facts = {"now": datetime.now(UTC), "location": place, "by": person, "engagement": engagement}
    return person, {make_claim(**facts).pk for _n in range(5)}


@pytest.mark.parametrize("key", KEYS)
def test_pages_follow_each_other_without_gap_or_repetition(alike, signed_in, key, monkeypatch):
    monkeypatch.setattr("claims.depth.PAGE_SIZE", 2)
    person, made = alike
    client = signed_in(person)

    pages = [client.get(URL, {"sort": key, "page": number}).context["page"] for number in (1, 2, 3)]

    seen = [row.pk for page in pages for row in page]
    assert (len(seen), set(seen)) == (5, made)
    assert [page.has_next for page in pages] == [True, True, False]


def test_a_list_that_is_too_long_to_count_says_so_and_every_page_is_there(
    now, location, partner_user, signed_in, monkeypatch
):
    monkeypatch.setattr("claims.depth.PAGE_SIZE", 2)
    monkeypatch.setattr("claims.depth.COUNTED", 4)
    engagement = EngagementFactory()
    for _n in range(5):
        make_claim(now=now, location=location, engagement=engagement)
    client = signed_in(partner_user)

    assert "of more than 4" in client.get(URL).content.decode()
    last = client.get(URL, {"page": 3})
    assert (len(last.context["page"].object_list), last.context["page"].has_next) == (1, False)
    assert client.get(URL, {"page": 4}).status_code == 404


def test_what_is_searched_for_is_counted_up_to_a_limit_too_and_every_page_is_there(
    now, location, partner_user, signed_in, monkeypatch
):
    monkeypatch.setattr("claims.depth.PAGE_SIZE", 2)
    monkeypatch.setattr("claims.depth.COUNTED_IN_SEARCH", 4)
    engagement = EngagementFactory()
    for _n in range(7):
        make_claim(now=now, location=location, engagement=engagement, name="Found")
    client = signed_in(partner_user)

    pages = [client.get(URL, {"page": n, "search": "found"}).context["page"] for n in (1, 2, 3, 4)]

    assert [len(page.object_list) for page in pages] == [2, 2, 2, 1]
    assert len({row.pk for page in pages for row in page}) == 7
    assert [(page.count, page.more, page.has_next) for page in pages] == [
        (4, True, True),
        (4, True, True),
        (4, True, True),
        (4, True, False),
    ]
    assert client.get(URL, {"page": 5, "search": "found"}).status_code == 404
    few = client.get(URL, {"search": str(pages[0].object_list[0].pk)}).context["page"]
    assert (few.count, few.more, few.has_next) == (1, False, False)


def test_a_new_name_in_the_directory_moves_its_claims(now, location, partner_user, signed_in):
    engagement = EngagementFactory()
    first, second = (make_claim(now=now, location=location, engagement=engagement) for _n in range(2))
    client = signed_in(partner_user)

    def order(sort: str) -> list[int]:
        return [row.pk for row in client.get(URL, {"sort": sort}).context["page"]]

    first.customer.organization.name = "Éclair"
    first.customer.organization.save()
    assert order("customer") == [second.pk, first.pk]
    first.customer.organization.name = "aardvark"
    first.customer.organization.save()
    assert order("customer") == [first.pk, second.pk]
    second.customer.value = "0"
    second.customer.save()
    assert order("customer_id") == [second.pk, first.pk]
    second.customer.organization = first.customer.organization
    second.customer.save()
    second.refresh_from_db()
    assert second.sort_customer == "aardvark"
