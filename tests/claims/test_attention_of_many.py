"""Attention required with more to do than is counted: nothing is hidden, and what runs out next comes first."""

from datetime import timedelta

import pytest

from claims.models import Claim
from incentives.models import LocationRole
from tests.factories import LocationFactory, claim_at, give_role
from tests.pages import words

pytestmark = pytest.mark.django_db
PAGE = "/engagements/attention/"
DAY = timedelta(days=1)


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def many(location, partner_user, now, monkeypatch):
    """Seven claims near their deadlines in three statuses at three locations, of two of which both roles are held."""
    monkeypatch.setattr("claims.attention.MANY", 4)
    monkeypatch.setattr("claims.depth.PAGE_SIZE", 2)
    monkeypatch.setattr("claims.views.attention.PAGE_SIZE", 2)
    monkeypatch.setattr("claims.views.attention.FIRST", 3)
    places = [location, *(LocationFactory(partner=location.partner) for _n in range(2))]
    for place in places[1:]:
        give_role(give_role(partner_user, place), place, role=LocationRole.Role.ADMIN)
    ages = [("awaiting_consent", 17), ("consent_received", 80), ("disputed", 20), ("awaiting_consent", 29)]
    ages += [("consent_received", 85), ("disputed", 25), ("awaiting_consent", 20)]
    for n, (status, days) in enumerate(ages):
        claim_at(status, now=now, age=days * DAY, location=places[n % 3])
    return [claim.pk for claim in Claim.objects.order_by("expires_at", "pk")]


def shown(response):
    ((_matter, _number, entries),) = response.context["sections"]
    return [claim.pk for claim in entries]


def test_what_runs_out_next_comes_first_and_past_the_limit_it_is_said_that_there_is_more(client, many):
    response = client.get(PAGE)

    assert shown(response) == many[:3]
    assert "Attention required (4+)" in words(response)
    assert "Show all 4+: Deadline within 14 days" in words(response)


def test_every_page_of_a_matter_is_there(client, many):
    responses = [client.get(PAGE, {"matter": "deadline", "page": number}) for number in (1, 2, 3, 4)]

    assert [key for response in responses for key in shown(response)] == many
    pages = [response.context["page"] for response in responses]
    assert {(page.count, page.more) for page in pages} == {(4, True)}
    assert [page.has_next for page in pages] == [True, True, True, False]
    assert "of more than 4" in words(responses[0])
    assert client.get(PAGE, {"matter": "deadline", "page": 5}).status_code == 404
