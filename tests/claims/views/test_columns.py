"""Customize, the date range and the payout type: what the list shows and how it is narrowed (CLM-1)."""

from datetime import timedelta

import pytest

from claims.listing import COLUMNS, USUAL
from claims.models import ShownColumns
from engagements.models import Engagement
from tests.factories import EngagementFactory, UserFactory, give_role, make_claim
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
URL, CUSTOMIZE = "/claims/", "/claims/columns/"


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


def heads(response) -> list[str]:
    return [str(head.heading) for head in response.context["form"].heads()]


def numbers(response) -> list[int]:
    return [row.pk for row in response.context["page"]]


def test_the_usual_columns_are_those_of_the_guide(client):
    assert heads(client.get(URL)) == [
        "Claim ID",
        "Engagement",
        "Claim name",
        "Customer name",
        "Customer ID",
        "PartnerID",
        "Partner name",
        "Last updated",
        "Claims expiry",
        "Status",
        "Action",
    ]


def test_every_column_can_be_shown(now, client, location, partner_user):
    claim = make_claim(now=now, location=location, by=partner_user, name="<b>Roll-out</b>")

    client.post(CUSTOMIZE, {"show": [column.key for column in COLUMNS]})

    page = client.get(URL)
    (row,) = table(page)
    day = f"{now:%b} {now.day}, {now:%Y}"
    deadline = now + timedelta(days=30)
    assert dict(zip(heads(page), row, strict=True)) == {
        "Claim ID": str(claim.pk),
        "Engagement": claim.engagement.name,
        "Claim name": "<b>Roll-out</b>",
        "Customer name": claim.customer.organization.name,
        "Customer ID": claim.customer.value,
        "Customer ID type": "Tenant ID",
        "Solution area": "Modern Work and Security",
        "Workload": "–",
        "PartnerID": str(location.partner_number),
        "Partner name": location.name,
        "Partner country": "United States of America",
        "Partner contact": "Priya Kaur",
        "Last updated": day,
        "Claims expiry": f"{deadline:%b} {deadline.day}, {deadline:%Y}",
        "Status": "Customer claimed",
        "Action": "Send email for customer consent",
    }


def test_columns_are_remembered_for_this_person_until_they_are_reset(now, client, location, signed_in):
    make_claim(now=now, location=location)
    colleague = signed_in(give_role(UserFactory(partner=location.partner), location))

    answer = client.post(CUSTOMIZE, {"show": ["status", "name"], "back": "sort=name&page=4&show=id"})

    assert (answer.status_code, answer.url) == (302, "/claims/?sort=name")
    assert heads(client.get(URL)) == ["Claim name", "Status"]
    assert len(heads(colleague.get(URL))) == len(USUAL)
    client.post(CUSTOMIZE, {"reset": "yes", "show": ["name"]})
    assert len(heads(client.get(URL))) == len(USUAL)
    assert not ShownColumns.objects.exists()


@pytest.mark.parametrize("shown", [["name"], ["status", "action"], ["updated", "expiry"], ["partner_number"]])
def test_each_row_opens_its_claim_even_without_its_number(now, client, location, shown):
    claim = make_claim(now=now, location=location)
    client.post(CUSTOMIZE, {"show": shown})
    assert links(client.get(URL))[0][0] == f"/claims/{claim.pk}/"


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ([], "Choose at least one column."),
        (["action"], "so that each claim can be opened"),
        (["workload", "expiry", "action"], "so that each claim can be opened"),
        (["name", "created_by__password"], "The list has no such column."),
    ],
)
def test_a_choice_that_shows_nothing_is_refused_in_words(client, shown, reason):
    answer = client.post(CUSTOMIZE, {"show": shown, "back": "sort=name"})
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not ShownColumns.objects.exists()


@pytest.mark.parametrize(
    "back", ["//evil.example/", "https://evil.example/", "\r\nX: y", "%0d%0aX:y", "a" * 9000]
)
def test_customize_leads_back_to_the_list_and_nowhere_else(client, back):
    answer = client.post(CUSTOMIZE, {"show": ["name"], "back": back})
    assert answer.status_code == 302
    assert answer.url.startswith("/claims/?")


def test_a_column_that_is_gone_is_forgotten(now, client, location, partner_user):
    make_claim(now=now, location=location)
    ShownColumns.objects.create(user=partner_user, columns=["gone", "name"])
    assert heads(client.get(URL)) == ["Claim name"]
    ShownColumns.objects.update(columns=["gone", "action"])
    assert len(heads(client.get(URL))) == len(USUAL)


def test_days_are_chosen_from_the_first_to_the_last(now, client, location):
    engagement = EngagementFactory()
    old, middle, new = (
        make_claim(now=now - timedelta(days=days), location=location, engagement=engagement)
        for days in (20, 10, 1)
    )
    day = middle.updated_at.date().isoformat()

    def found(**days):
        return numbers(client.get(URL, {"range": "custom", **days}))

    assert found(since=day, until=day) == [middle.pk]
    assert found(since=day) == [new.pk, middle.pk]
    assert found(until=day) == [middle.pk, old.pk]
    assert f"{middle.updated_at:%b} {middle.updated_at.day}" in words(
        client.get(URL, {"range": "custom", "since": day})
    )


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ({"since": "2026-02-30"}, "From: Enter a valid date."),
        ({"until": "yesterday"}, "To: Enter a valid date."),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "To: The last day must not be before the first."),
        ({}, "From: Choose the first day, the last day, or both."),
        ({"since": "0000-01-01"}, "From: Enter a valid date."),
        ({"since": "2027-02-29"}, "From: Enter a valid date."),
        ({"since": "10000-01-01"}, "From: Enter a valid date."),
        ({"until": "-1"}, "To: Enter a valid date."),
        ({"until": "2027-03-28T02:30"}, "To: Enter a valid date."),
        ({"until": "2026-12-31 23:59:60"}, "To: Enter a valid date."),
    ],
)
def test_wrong_days_are_told_by_their_field(client, days, told):
    answer = client.get(URL, {"range": "custom", **days})
    assert answer.status_code == 422
    assert told in words(answer)


@pytest.mark.parametrize("end", ["since", "until"])
@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "2028-02-29", "2038-01-20", "9999-12-31"])
def test_the_first_and_the_last_day_of_all_are_days(now, client, location, end, day):
    claim = make_claim(now=now, location=location)
    shown = [claim.pk] if (day < f"{now:%Y-%m-%d}") == (end == "since") else []
    assert numbers(client.get(URL, {"range": "custom", end: day})) == shown


def test_claims_are_narrowed_by_the_payout_type(now, client, location):
    fixed = make_claim(now=now, location=location)
    variable = make_claim(
        now=now,
        location=location,
        engagement=EngagementFactory(payout=Engagement.Payout.VARIABLE),
        requested_hours=5,
    )
    assert numbers(client.get(URL, {"payout": "fixed"})) == [fixed.pk]
    assert numbers(client.get(URL, {"payout": "variable"})) == [variable.pk]
    assert numbers(client.get(URL, {"payout": ["fixed", "variable"]})) == [variable.pk, fixed.pk]


def test_claims_are_narrowed_by_location_and_country(now, client, location, partner_user):
    mine = make_claim(now=now, location=location)
    assert numbers(client.get(URL, {"location": location.partner_number, "country": "US"})) == [mine.pk]
    theirs = make_claim(now=now)
    foreign = client.get(URL, {"location": theirs.location.partner_number})
    assert foreign.status_code == 422
    assert theirs.location.name not in words(foreign)
