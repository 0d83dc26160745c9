"""Customers that a company knows, sorted into Eligible and Ineligible by what is true today (ENG-5, LIM-1 to LIM-6)."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.known_customers import KnownCustomers
from claims.lifecycle import ConsentUnavailable
from claims.listing import claims_of
from claims.models import Claim, CustomerIdentity
from claims.offers import offers
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    UserFactory,
    VariableFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.pages import table, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def address(engagement):
    return f"/engagements/{engagement.code}/customers/"


@pytest.fixture
def known(engagement, location, now):
    """Somebody who gave the company consent, for another engagement."""
    return claim_at("approved", now=now, location=location, engagement=EngagementFactory()).customer


def lines(response):
    """The customers' own lines, as name and what can be done."""
    return [(row[0], row[2]) for row in table(response) if len(row) == 3]


def test_who_gave_consent_for_another_engagement_can_be_claimed_here(client, address, known):
    assert lines(client.get(address)) == [(known.organization.name, "Claim customer")]


def test_consent_at_a_location_that_i_do_not_see_lists_the_customer_but_not_the_claim(
    client, address, engagement, location, now
):
    elsewhere = LocationFactory(partner=location.partner)
    claim = claim_at("approved", now=now, location=elsewhere, engagement=engagement)

    response = client.get(address)

    assert lines(response) == [(claim.customer.organization.name, "Claim customer")]
    assert str(claim.pk) not in words(response)


def test_consent_given_to_another_company_lists_nobody(client, address, now):
    claim_at("approved", now=now)

    assert table(client.get(address)) == table(client.get(f"{address}?tab=ineligible")) == []


def test_a_new_customer_disappears_when_its_claim_expires(client, address, engagement, location, now):
    make_claim(now=now - timedelta(days=31), engagement=engagement, location=location)

    assert table(client.get(address)) == table(client.get(f"{address}?tab=ineligible")) == []
    assert len(table(client.get(f"{address}?tab=complete"))) == 1


def test_a_variable_payout_lists_claims_only(client, now, location, known):
    variable = VariableFactory()

    for tab in ("eligible", "ineligible"):
        assert table(client.get(f"/engagements/{variable.code}/customers/?tab={tab}")) == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"id_types": ["tpid"]}, "Invalid customer ID type"),
        ({"customer_list": True}, "Customer is not on the engagement's eligible customer list"),
        ({"partner_criteria_any": ["SP Azure"]}, "Your location ID is not eligible"),
        ({"limit_consents": 0}, "Limit reached: customer consents for the engagement"),
        ({"limit_unique_customers": 0}, "Limit reached: customers of your company in this country"),
        ({"limit_approved": 0}, "Limit reached: approved claims for this customer"),
        ({"limit_concurrent": 0}, "Limit reached: open claims for this customer"),
    ],
)
def test_an_ineligible_customer_is_listed_with_the_reason(client, address, engagement, known, facts, reason):
    type(engagement).objects.filter(pk=engagement.pk).update(**facts)

    assert table(client.get(address)) == []
    assert table(client.get(f"{address}?tab=ineligible")) == [
        [known.organization.name, "Tenant ID", known.value, reason]
    ]


def test_many_claims_of_one_customer_are_shortened(client, address, engagement, location, now):
    customer = claim_at("approved", now=now, location=location, engagement=engagement).customer
    for _n in range(6):
        claim_at("cancelled", now=now, location=location, engagement=engagement, customer=customer)

    response = client.get(address)

    assert len(table(response)) == 1 + 5
    assert "Show earlier claims" in words(response)
    assert len(table(client.get(f"{address}?tab=complete&search={customer.value}"))) == 7


def test_an_open_claim_stays_in_sight_when_its_domain_moved_to_another_tenant(
    client, address, engagement, location, now
):
    claim = claim_at(
        "consent_received",
        now=now,
        location=location,
        engagement=engagement,
        customer=make_customer("domain"),
    )
    CustomerIdentity.objects.filter(pk=claim.customer_id).update(moved_at=now)

    assert [row[1] for row in table(client.get(address))] == [str(claim.pk)]


LIMIT = st.none() | st.integers(0, 3)
STATUSES = st.sampled_from(
    ["customer_claimed", "consent_received", "approved", "cancelled", "rejected_final"]
)


@pytest.mark.long
@settings(
    max_examples=rounds(10, long=25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    limits=st.fixed_dictionaries(
        {
            "limit_consents": LIMIT,
            "limit_unique_customers": LIMIT,
            "limit_approved": LIMIT,
            "limit_concurrent": LIMIT,
            "limit_scope": st.sampled_from(["customer_id", "tpid"]),
        }
    ),
    of_area=LIMIT,
    world=st.lists(st.tuples(st.integers(0, 2), STATUSES, st.booleans(), st.integers(0, 5)), max_size=6),
)
def test_the_tabs_follow_what_the_wizard_would_say(limits, of_area, world, now):
    """By chance: each customer stands where the reasons of every location, judged one by one, put it."""
    home, rival = LocationFactory(country="US"), LocationFactory(country="US")
    abroad = LocationFactory(partner=home.partner, country="HU")
    user = give_role(give_role(UserFactory(partner=home.partner), home), abroad)
    here, other = EngagementFactory(), EngagementFactory()
    type(here.solution_area).objects.update(open_claims_limit=None)
    families = [make_customer("tenant").organization for _n in range(2)]
    customers = [
        make_customer(kind, organization=family) for family in families for kind in ("tenant", "tpid")
    ]
    customers += [make_customer("domain", organization=family) for family in families]
    for engagement in (here, other):
        engagement.id_types = ["tenant", "domain", "tpid"]
        engagement.save()
    for place, status, at_home, customer in world:
        # A second company may not get the same customer's consent: then this claim was never made.
        with suppress(ConsentUnavailable), transaction.atomic():
            claim_at(
                status,
                now=now,
                location=(home, abroad, rival)[place],
                engagement=here if at_home else other,
                customer=customers[customer],
            )
    type(here).objects.filter(pk=here.pk).update(**limits)
    type(here.solution_area).objects.update(open_claims_limit=of_area)
    here = type(here).objects.select_related("solution_area", "activity_type").get(pk=here.pk)

    board = KnownCustomers(here, user, now=now)
    claims = claims_of(user, now=now).filter(engagement=here)
    ineligible = {row.customer: row for row in board.rows(board.ineligible(words=""), None)}
    eligible = {
        row.customer: row for row in board.rows(board.eligible(claims, words="", narrowed=False), claims)
    }

    mine = Claim.objects.filter(partner=home.partner)
    consented = {claim.customer for claim in mine.filter(consented_at__isnull=False)}
    busy = {claim.customer for claim in mine.filter(engagement=here).open(now)}
    against = {
        customer: [
            {reason for offer in offers([here], place, customer, now=now) for reason in offer.reasons}
            for place in (home, abroad)
        ]
        for customer in consented
    }
    able = {customer for customer, places in against.items() if not all(places)}
    assert set(eligible) == able | busy
    assert set(ineligible) == consented - able - busy
    for customer, row in ineligible.items():
        assert set(row.reasons) == set.intersection(*against[customer])
    for customer in able:
        assert eligible[customer].reasons == []
    assert {claim for row in eligible.values() for claim in row.claims} == {
        claim for claim in mine.filter(engagement=here) if claim.customer in eligible
    }
