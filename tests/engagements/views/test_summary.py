from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagements.models import Engagement, MarketList, RateCard
from tests.engagements.test_catalogue import CATALOGUE
from tests.pages import table, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, partner_user):
    call_command("import_catalogue", str(CATALOGUE), stdout=StringIO())
    return signed_in(partner_user)


def test_tells_everything_about_an_engagement(client):
    text = words(client.get("/engagements/MWS-02/"))

    engagement = Engagement.objects.get(code="MWS-02")
    criteria = [*engagement.partner_criteria, *engagement.customer_criteria]
    for fact in (
        *(engagement.description, *engagement.requirements, *criteria),
        "within 30 days of creating the claim",
        "within 90 days of the customer's consent",
        "submit again within 120 days",
        "both within 30 days of the rejection",
        "Customer survey",
        "Partner survey",
        "For a public sector customer in India, Puerto Rico or the United States",
    ):
        assert fact in text


def test_rates_stand_by_market_with_their_countries_and_dates(client):
    response = client.get("/engagements/MWS-02/")

    market_a, market_b, market_c = table(response)
    assert market_a[:2] == ["Market A", "$5,000.00"]
    assert market_a[2].startswith("22 countries and regions Australia, Austria, Belgium")
    assert market_b[:2] == ["Market B", "$3,000.00"]
    assert market_c == ["Market C", "$1,000.00", "All other countries and regions"]
    assert "Rates from Nov 1, 2022" in words(response)


def test_invented_rates_are_labelled_and_sourced_ones_are_not(client):
    rates = [row[1] for row in table(client.get("/engagements/BAP-54/"))]

    assert rates == ["$163.00", "$130.00 sample rate", "$82.00 sample rate"]
    assert "A claim pays at most $6,000.00." in words(client.get("/engagements/BAP-54/"))


def test_one_country_engagements_say_that_others_cannot_claim(client):
    response = client.get("/engagements/MWS-18/")

    assert table(response) == [["Market A", "$5,000.00", "1 country or region United States of America"]]
    assert "Locations in any other country or region cannot claim this engagement." in words(response)


def test_shows_the_rates_in_force_and_those_to_come_but_not_those_that_ended(client):
    engagement = Engagement.objects.get(code="MWS-02")
    engagement.rate_cards.update(starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    for year, rate in ((2021, 11), (2100, 22)):
        RateCard.objects.create(
            engagement=engagement,
            starts_on=date(year, 1, 1),
            ends_on=date(2099, 12, 31) if year == 2021 else None,
            market_list=MarketList.objects.get(code="mws-2022-11"),
            rate_a=rate,
            unit="claim",
        )

    text = words(client.get("/engagements/MWS-02/"))

    assert "Rates from Jan 1, 2021 to Dec 31, 2099" in text
    assert "Rates from Jan 1, 2100 to come" in text
    assert "Jan 1, 2020" not in text


def test_engagements_that_are_only_listed_have_nothing_to_claim(client):
    text = words(client.get("/engagements/MWS-T04/"))

    assert "Nothing to claim here" in text
    assert "Payout structure" not in text and "Customers" not in text
    assert client.get("/engagements/MWS-T04/customers/").status_code == 404


def test_every_engagement_of_the_catalogue_has_a_summary(client):
    for engagement in Engagement.objects.filter(private_list=False):
        with CaptureQueriesContext(connection) as seen:
            response = client.get(f"/engagements/{engagement.code}/")
        assert (response.status_code, engagement.name in words(response)) == (200, True)
        assert len(seen) < 20
