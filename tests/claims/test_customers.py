import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.states import CLOSED, OPEN, Status
from tests.factories import EngagementFactory, LocationFactory, claim_at, give_role
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def address(engagement):
    return f"/engagements/{engagement.code}/customers/"


@pytest.fixture
def some(engagement, location, now):
    return lambda status, **facts: claim_at(
        status, now=now, **{"engagement": engagement, "location": location} | facts
    )


def claims_in(response):
    """The lines of claims; a customer's own line above them has fewer cells."""
    return [row for row in table(response) if len(row) == 9]


def numbers(response):
    return [row[1] for row in claims_in(response)]


@pytest.mark.parametrize("status", Status)
def test_claims_stand_below_customers_who_can_be_claimed_and_closed_ones_are_complete(
    client, address, some, status
):
    claim = some(status)
    pages = {
        tab: claims_in(client.get(f"{address}?tab={tab}")) for tab in ("eligible", "ineligible", "complete")
    }

    assert status in OPEN | CLOSED
    lists = {"complete"} if status in CLOSED else {"eligible"}
    if claim.consented_at:
        lists.add("eligible")
    shown = {tab: [(row[1], row[6]) for row in rows] for tab, rows in pages.items()}
    here = [(str(claim.pk), status.label)]
    assert shown == {tab: here if tab in lists else [] for tab in pages}


def test_shows_the_columns_of_the_guide(client, address, some, location):
    claim = some("awaiting_consent", name="<b>Roll-out</b>")

    response = client.get(address)

    (row,) = table(response)
    updated, expiry = (f"{at:%b} {at.day}, {at:%Y}" for at in (claim.updated_at, claim.expires_at))
    assert row == [
        claim.customer.organization.name,
        str(claim.pk),
        "<b>Roll-out</b>",
        str(location.partner_number),
        location.name,
        updated,
        "Awaiting customer consent",
        "Re-send customer consent email",
        expiry,
    ]
    assert links(response)[0][0] == f"/claims/{claim.pk}/"


@pytest.mark.parametrize(
    ("status", "action", "link"),
    [
        ("customer_claimed", "Send email for customer consent", "/claims/{}/consent-request/contacts/"),
        ("awaiting_consent", "Re-send customer consent email", "/claims/{}/consent-request/review/"),
        ("consent_received", "Submit claim", "/claims/{}/"),
        ("action_required", "Submit claim", "/claims/{}/"),
        ("disputed", "Submit claim", "/claims/{}/"),
        ("submitted", "–", None),
        ("under_review", "–", None),
    ],
)
def test_the_next_step_is_offered(client, address, some, status, action, link):
    claim = some(status)

    response = client.get(address)

    assert [row[7] for row in claims_in(response)] == [action]
    assert links(response)[-1] == [f"/claims/{claim.pk}/", *([link.format(claim.pk)] if link else [])]


def test_a_claim_past_its_deadline_is_complete_before_any_job_ran(client, address, some):
    claim = some("awaiting_consent", age=timedelta(days=30, seconds=1))
    assert claim.status == "awaiting_consent"

    assert table(client.get(address)) == []
    (row,) = table(client.get(f"{address}?tab=complete"))
    assert row[6:] == ["Customer consent expired", "–", "–"]


def test_only_claims_of_this_engagement_at_my_locations_are_shown(client, address, some, location, stranger):
    mine = some("awaiting_consent")
    some("awaiting_consent", engagement=EngagementFactory())
    some("awaiting_consent", location=LocationFactory(partner=location.partner))
    some("awaiting_consent", location=stranger.location_roles.get().location, by=stranger)

    assert numbers(client.get(address)) == [str(mine.pk)]


def test_search_finds_customer_claim_id_partner_id_and_claim_name(
    client, address, some, location, partner_user
):
    other = LocationFactory(partner=location.partner)
    give_role(partner_user, other)
    first, second = some("awaiting_consent", name="Zürich roll-out"), some("customer_claimed", location=other)

    def found(words: str) -> list[str]:
        return numbers(client.get(address, {"search": words}))

    assert (
        found("zurich") == found(str(first.pk)) == found(first.customer.organization.name) == [str(first.pk)]
    )
    assert found(str(other.partner_number)) == [str(second.pk)]
    assert found("nothing like it") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("tab=x", 404),
        ("page=2", 404),
        ("sort=x", 422),
        ("status=x", 422),
        ("range=9y", 422),
        ("location=x", 422),
        ("search=%27%3A%26", 200),
    ],
)
def test_strange_addresses_get_a_clear_answer(client, address, some, query, status):
    some("awaiting_consent")

    assert client.get(f"{address}?{query}").status_code == status


def test_add_customer_opens_the_wizard_from_here_unless_nothing_can_be_claimed(client, address, engagement):
    here = f'<input type="hidden" name="engagement" value="{engagement.code}">'.encode()
    assert here in client.get(address).content

    engagement.closes_on = engagement.opens_on
    engagement.save()

    response = client.get(address)
    assert here not in response.content
    assert "Engagement is closed to new claims" in words(response)


def test_queries_do_not_grow_with_claims(client, address, some):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    for _n in range(26):
        some("awaiting_consent")
    few = queries()
    for _n in range(4):
        some("awaiting_consent")

    assert (queries(), len(table(client.get(address)))) == (few, 25)


@pytest.mark.parametrize(
    ("tab", "statuses"), [("eligible", ["awaiting_consent"]), ("complete", ["cancelled"])]
)
def test_export_gives_the_claims_of_the_tab(client, address, some, tab, statuses):
    """Those of this engagement alone, whatever other claims there are."""
    wanted = [some(status) for status in statuses]
    some("customer_claimed", engagement=EngagementFactory())
    some("awaiting_consent" if tab == "complete" else "consent_expired")

    page = client.get(f"{address}?tab={tab}&status={statuses[0]}").content.decode()
    (link,) = re.findall(r'href="([^"]*/export/[^"]*format=csv)"', page)
    lines = b"".join(client.get(html.unescape(link)).streaming_content).decode("utf-8-sig").splitlines()

    heads = lines[0].split(",")
    assert [line.split(",")[heads.index("Claim ID")] for line in lines[1:]] == [
        str(claim.pk) for claim in wanted
    ]
