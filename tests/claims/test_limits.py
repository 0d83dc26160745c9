"""The five activity limits, each just below and at its number (LIM-1 to LIM-6)."""

from datetime import timedelta

import pytest

from claims.creation import NotClaimable
from claims.limits import (
    LIMIT_APPROVED,
    LIMIT_CONCURRENT,
    LIMIT_CONSENTS,
    LIMIT_OPEN_AREA,
    LIMIT_UNIQUE,
    Candidate,
    tally,
    why_limited,
)
from claims.states import Status as S
from tests.factories import EngagementFactory, LocationFactory, claim_at, make_claim, make_customer

pytestmark = pytest.mark.django_db


def reached(engagement, location, customer, now):
    country = location.country.code
    counts = tally([engagement], [customer], partner=location.partner, countries=[country], now=now)
    return why_limited(Candidate(engagement, customer, country), counts)


def test_open_claims_count_per_area_company_and_customer_across_locations(now, location, customer):
    area = EngagementFactory().solution_area
    area.open_claims_limit = 2
    area.save()
    sister = LocationFactory(partner=location.partner, country="HU")
    make_claim(now=now, location=location, customer=customer)
    engagement = EngagementFactory()
    assert reached(engagement, location, customer, now) == []
    make_claim(now=now, location=sister, customer=customer)
    assert reached(engagement, location, customer, now) == [LIMIT_OPEN_AREA]
    assert reached(engagement, location, make_customer(), now) == []
    assert reached(engagement, LocationFactory(), customer, now) == []
    assert reached(engagement, location, customer, now + timedelta(days=31)) == []


def test_consents_count_for_ever_whatever_became_of_the_claim(now, location, customer):
    engagement = EngagementFactory(limit_consents=2)
    claim_at(S.NOT_SUBMITTED_EXPIRED, now=now, engagement=engagement)
    claim_at(S.CONSENT_DECLINED, now=now, engagement=engagement)
    assert reached(engagement, location, customer, now) == []
    claim_at(S.APPROVED, now=now, engagement=engagement)
    assert reached(engagement, location, customer, now) == [LIMIT_CONSENTS]


def test_unique_customers_count_per_company_and_country(now, location, customer):
    engagement = EngagementFactory(limit_unique_customers=1)
    abroad = LocationFactory(partner=location.partner, country="HU")
    make_claim(now=now, location=abroad, engagement=engagement)
    assert reached(engagement, location, customer, now) == []
    make_claim(now=now, location=location, engagement=engagement, customer=customer)
    assert reached(engagement, location, customer, now) == []
    assert reached(engagement, location, make_customer(), now) == [LIMIT_UNIQUE]


@pytest.mark.parametrize(("scope", "expected"), [("customer_id", []), ("tpid", [LIMIT_APPROVED])])
def test_approved_claims_count_per_id_or_per_family_as_the_owner_sets(now, location, scope, expected):
    engagement = EngagementFactory(limit_approved=1, limit_scope=scope, id_types=["tenant", "tpid"])
    first = claim_at(S.APPROVED, now=now, engagement=engagement)
    sister_id = make_customer("tpid", organization=first.customer.organization)
    assert reached(engagement, location, first.customer, now) == [LIMIT_APPROVED]
    assert reached(engagement, location, sister_id, now) == expected


def test_concurrent_claims_count_for_any_partner(now, location, customer):
    engagement = EngagementFactory(limit_concurrent=1)
    claim = make_claim(now=now, engagement=engagement, customer=customer)
    assert claim.partner != location.partner
    assert reached(engagement, location, customer, now) == [LIMIT_CONCURRENT]
    assert reached(engagement, location, customer, claim.expires_at) == []


def test_a_domain_counts_as_its_tenant(now, location):
    engagement = EngagementFactory(limit_concurrent=1)
    domain = make_customer("domain")
    make_claim(now=now, engagement=engagement, customer=domain)
    assert reached(engagement, location, domain.tenant, now) == [LIMIT_CONCURRENT]


def test_all_engagements_of_a_pass_are_created_or_none(now, location, partner_user, customer):
    from claims.creation import Contacts, create_claims
    from claims.models import Claim

    open_one, full = EngagementFactory(), EngagementFactory(limit_consents=0)
    contacts = Contacts("Susie", "susie@customer.example", "Priya", "priya@partner.example")
    with pytest.raises(NotClaimable) as refusal:
        create_claims(
            name="Two",
            location=location,
            customer=customer,
            engagements=[open_one, full],
            contacts=contacts,
            by=partner_user,
            now=now,
        )
    assert [offer.engagement for offer in refusal.value.refused] == [full]
    assert Claim.objects.count() == 0
