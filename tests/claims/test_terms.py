"""Terms are kept: a claim shows and uses the terms of its own instants, whatever changes later (DL-7, issue 3 part 7).

Each test changes the catalogue behind the back of a claim. Its control makes the same change early enough to count, or
takes the mechanism away, and sees the difference.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims import case, deadlines, lifecycle
from claims.creation import NotClaimable
from claims.models import Claim
from claims.states import Status as S
from claims.transitions import EXPIRY
from engagements.models import (
    ActivityType,
    Attainment,
    Engagement,
    EvidenceSlot,
    MarketList,
    PrivateListEntry,
    RateCard,
)
from incentives.management.walk import DEEDS, ROUTES
from incentives.models import Enrolment, LedgerEntry, Location
from incentives.templatetags.portal import instant
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    StaffFactory,
    VariableFactory,
    claim_at,
    make_claim,
    make_customer,
)
from tests.pages import words

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Edit = Callable[[Engagement], object]


@pytest.fixture
def reviewer(db):
    return StaffFactory()


def go_on(claim: Claim, to: S, *, now, since: S = S.CUSTOMER_CLAIMED) -> Claim:
    """The deeds between two statuses, all at this instant."""
    reviewer = StaffFactory()
    for deed in ROUTES[to][len(ROUTES[since]) :]:
        claim.refresh_from_db()
        DEEDS[deed](claim, reviewer, now)
    return Claim.objects.get(pk=claim.pk)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# --- clocks ---


def other_days(engagement: Engagement) -> None:
    """The activity type gets shorter clocks, and the engagement gets another activity type."""
    days = {"consent_days": 1, "submit_days": 2, "review_days": 3, "dispute_days": 4}
    ActivityType.objects.update(**days)
    engagement.activity_type = ActivityType.objects.create(code="short", name="Short", **days)
    engagement.save()


@pytest.mark.parametrize("status", sorted(EXPIRY))
def test_a_clock_runs_on_with_the_days_of_the_claims_creation(status, engagement, now):
    claim = claim_at(status, now=now, engagement=engagement)
    before = claim.expires_at

    other_days(engagement)

    claim = fresh(claim)
    assert (claim.expires_at, deadlines.deadline(claim)) == (before, before)
    assert claim.status_at(now) == status


def test_clocks_that_start_later_run_for_the_days_of_the_claims_creation_too(engagement, now):
    claim = claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement)

    other_days(engagement)

    consented = go_on(claim, S.CONSENT_RECEIVED, now=now, since=S.AWAITING_CONSENT)
    assert consented.expires_at == now + 90 * DAY
    rejected = go_on(claim, S.REJECTED, now=now, since=S.CONSENT_RECEIVED)
    assert rejected.expires_at == now + 30 * DAY


def test_the_page_names_the_claims_own_deadline(engagement, now, location, partner_user, signed_in):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, engagement=engagement, location=location, by=partner_user)
    other_days(engagement)

    page = words(signed_in(partner_user).get(f"/claims/{claim.pk}/"))

    assert f"Submit by {instant(claim.expires_at)}" in page


def test_control_a_clock_that_reads_the_catalogue_would_run_out(engagement, now, monkeypatch):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, engagement=engagement)
    live = lambda claim: claim.consented_at + claim.engagement.terms.submit_days * DAY  # noqa: E731 (a clock)
    monkeypatch.setitem(deadlines.CLOCKS, S.CONSENT_RECEIVED, live)

    other_days(engagement)

    assert deadlines.deadline(fresh(claim)) < claim.expires_at


# --- what must be proven ---


def other_proof(engagement: Engagement) -> None:
    engagement.evidence.filter(code="invoice").delete()
    engagement.evidence.filter(code="poe").update(name="Something else")
    EvidenceSlot.objects.create(engagement=engagement, code="plan", name="A plan", kind="poe", position=9)
    engagement.customer_survey, engagement.requirements = False, ["Do something else."]
    engagement.save()


def proof_of(claim: Claim) -> tuple[list[str], list[str]]:
    return [item.code for item in claim.checklist()], claim.requirements


OWN_PROOF = (["invoice", "poe", "partner_survey", "customer_survey"], ["Hold a workshop."])
OTHER_PROOF = (["poe", "plan", "partner_survey"], ["Do something else."])


@pytest.fixture
def workshop():
    return EngagementFactory(requirements=["Hold a workshop."])


def test_documents_surveys_and_requirements_stay_as_at_the_claims_creation(workshop, now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, engagement=workshop)

    other_proof(workshop)

    assert proof_of(fresh(claim)) == OWN_PROOF
    assert go_on(claim, S.SUBMITTED, now=now, since=S.CONSENT_RECEIVED).status == S.SUBMITTED


def test_the_reviewer_reads_the_requirements_of_the_claims_creation(workshop, now, reviewer, signed_in):
    claim = claim_at(S.UNDER_REVIEW, now=now, engagement=workshop)
    other_proof(workshop)

    page = words(signed_in(reviewer).get(f"/desk/claims/claim/{claim.pk}/change/"))

    assert "Hold a workshop." in page
    assert "Do something else." not in page


def test_control_a_claim_that_is_created_after_the_change_has_the_new_proof(workshop, now):
    other_proof(workshop)

    assert proof_of(make_claim(now=now, engagement=workshop)) == OTHER_PROOF


def test_a_customer_that_joins_the_public_sector_later_need_not_disclose(engagement, now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, engagement=engagement)
    organization = claim.customer.organization
    organization.sector = "public"
    organization.save()

    assert [slot.code for slot in fresh(claim).slots.all()] == ["invoice", "poe"]
    later = make_claim(now=now, engagement=engagement, customer=make_customer(organization=organization))
    assert [slot.code for slot in later.slots.all()] == ["invoice", "poe", "psd"]


# --- what is paid ---


def another_card(engagement: Engagement) -> None:
    engagement.rate_cards.filter(starts_on=date(2021, 1, 1)).delete()
    engagement.rate_cards.update(ends_on=date(2020, 12, 31))
    RateCard.objects.create(
        engagement=engagement,
        starts_on=date(2021, 1, 1),
        market_list=MarketList.objects.get(),
        rate_a=777,
        unit="claim",
    )


# Everything that an owner can do to what an engagement pays.
EDITS: dict[str, Edit] = {
    "another rate": lambda e: e.rate_cards.update(rate_a=123),
    "no rate any more": lambda e: e.rate_cards.update(rate_a=None),
    "by the hour": lambda e: e.rate_cards.update(unit="hour", cap=1),
    "another market": lambda e: MarketList.objects.update(countries={"A": [], "B": ["US"], "C": "*"}),
    "the card ended long ago": lambda e: e.rate_cards.update(ends_on=F("starts_on")),
    "a new card": another_card,
    "no card at all": lambda e: e.rate_cards.all().delete(),
    "the location has moved": lambda e: Location.objects.update(country="HU"),
    "variable payout": lambda e: Engagement.objects.update(payout="variable"),
}
# What is paid does not ask about this one; it stands above because nobody should be able to tell.
WITHOUT_EFFECT = {"variable payout"}


def paid(claim: Claim, *, now) -> tuple[Decimal | None, str, Decimal | None, Decimal]:
    """What the claim shows and what its approval books, by every place that says so."""
    claim = go_on(claim, S.APPROVED, now=now, since=S.CONSENT_RECEIVED)
    booked = LedgerEntry.objects.get(claim_number=claim.pk).amount_usd
    return claim.payable_usd, claim.market, case.payable_usd(claim, now), booked


FIVE_THOUSAND = Decimal(5000)


@pytest.mark.parametrize("edit", EDITS)
def test_the_rate_of_the_consents_day_is_shown_and_booked_whatever_is_edited(edit, engagement, now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, engagement=engagement)

    EDITS[edit](engagement)

    assert paid(fresh(claim), now=now) == (FIVE_THOUSAND, "A", FIVE_THOUSAND, FIVE_THOUSAND)


@pytest.mark.parametrize("edit", sorted(EDITS.keys() - WITHOUT_EFFECT))
def test_control_the_same_edit_before_the_consent_changes_what_is_paid(edit, engagement, now):
    claim = claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement)

    EDITS[edit](engagement)

    consented = go_on(claim, S.CONSENT_RECEIVED, now=now, since=S.AWAITING_CONSENT)
    assert consented.payable_usd != FIVE_THOUSAND


@pytest.mark.long
@settings(
    max_examples=rounds(10, long=25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=6))
def test_no_sequence_of_edits_changes_what_is_paid(edits, db, now):
    with transaction.atomic():
        claim = claim_at(S.CONSENT_RECEIVED, now=now)
        for edit in edits:
            EDITS[edit](claim.engagement)
            shown = fresh(claim)
            assert (shown.payable_usd, case.payable_usd(shown, now)) == (FIVE_THOUSAND, FIVE_THOUSAND)
        assert paid(shown, now=now) == (FIVE_THOUSAND, "A", FIVE_THOUSAND, FIVE_THOUSAND)
        transaction.set_rollback(True)


def test_the_card_of_the_consents_day_counts_not_that_of_the_creation(engagement, now):
    engagement.rate_cards.update(ends_on=(now - 2 * DAY).date())
    RateCard.objects.create(
        engagement=engagement,
        starts_on=(now - DAY).date(),
        market_list=MarketList.objects.get(),
        rate_a=4321,
        unit="claim",
    )
    early, late = (make_claim(now=now - 6 * DAY, engagement=engagement) for _claim in range(2))

    amounts = [
        go_on(claim, S.CONSENT_RECEIVED, now=at).payable_usd
        for claim, at in ((early, now - 5 * DAY), (late, now))
    ]

    assert amounts == [5000, 4321]


def test_a_claim_without_a_rate_at_its_consent_shows_none_when_there_is_one_later(
    engagement, now, location, partner_user, signed_in
):
    claim = claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement, location=location, by=partner_user)
    engagement.rate_cards.update(rate_a=None)
    claim = go_on(claim, S.CONSENT_RECEIVED, now=now, since=S.AWAITING_CONSENT)
    engagement.rate_cards.update(rate_a=9999)

    page = words(signed_in(partner_user).get(f"/claims/{claim.pk}/"))

    assert "Payable –" in page
    assert "9,999" not in page


@pytest.mark.parametrize(("hours", "amount"), [(1, 163), (10, 1630), (36, 5868), (37, 6000), (400, 6000)])
def test_variable_payout_is_hours_times_the_rate_of_the_consents_day_up_to_its_cap(hours, amount, now):
    engagement = hourly()
    claim = make_claim(now=now, engagement=engagement, requested_hours=hours)
    assert case.payable_usd(claim, now) == amount
    claim = go_on(claim, S.CONSENT_RECEIVED, now=now)

    engagement.rate_cards.update(rate_a=999, cap=None)

    assert paid(fresh(claim), now=now) == (amount, "A", amount, amount)


def test_control_the_hourly_rate_before_the_consent_does_count(now):
    engagement = hourly()
    claim = make_claim(now=now, engagement=engagement, requested_hours=10)

    engagement.rate_cards.update(rate_a=200, cap=1999)

    assert go_on(claim, S.CONSENT_RECEIVED, now=now).payable_usd == 1999


def hourly() -> Engagement:
    return VariableFactory(id_types=["tenant"])


# --- what may go on ---


def lose_everything(claim: Claim) -> None:
    """The engagement has ended, and neither the location nor the customer could begin today."""
    Engagement.objects.filter(pk=claim.engagement_id).update(
        closes_on=date(2020, 1, 2),
        private_list=True,
        customer_list=True,
        partner_criteria_any=["SP Security"],
        limit_consents=0,
        limit_unique_customers=0,
        limit_approved=0,
        limit_concurrent=0,
        id_types=["tpid"],
    )
    PrivateListEntry.objects.all().delete()
    Attainment.objects.all().delete()
    Enrolment.objects.update(status=Enrolment.Status.INACTIVE)


@pytest.mark.parametrize(
    "status", [S.CONSENT_RECEIVED, S.SUBMITTED, S.UNDER_REVIEW, S.ACTION_REQUIRED, S.DISPUTED]
)
def test_the_end_of_the_engagement_and_lost_eligibility_stop_no_claim_with_consent(status, now):
    claim = claim_at(status, now=now)

    lose_everything(claim)

    if status in {S.ACTION_REQUIRED, S.DISPUTED}:
        lifecycle.submit(fresh(claim), by=claim.created_by, now=now)
        status = S.SUBMITTED
    assert go_on(claim, S.APPROVED, now=now, since=status).status == S.APPROVED


def test_the_end_of_the_engagement_stops_no_consent(now):
    claim = claim_at(S.AWAITING_CONSENT, now=now)
    Engagement.objects.update(closes_on=date(2020, 1, 2))

    assert go_on(claim, S.CONSENT_RECEIVED, now=now, since=S.AWAITING_CONSENT).payable_usd == 5000


def test_control_a_new_claim_is_refused_for_each_of_these_reasons(now, location, partner_user):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, location=location, by=partner_user)
    lose_everything(claim)

    with pytest.raises(NotClaimable) as refusal:
        make_claim(now=now, engagement=claim.engagement, location=location, by=partner_user)

    (offer,) = refusal.value.refused
    codes = {reason.code for reason in offer.reasons}
    assert {"ENGAGEMENT_CLOSED", "LOCATION_NOT_ELIGIBLE", "INVALID_ID_TYPE"} <= codes


def test_the_pages_of_the_claim_stay_and_do_not_lead_to_what_is_no_longer_there(
    now, location, partner_user, signed_in
):
    claim = claim_at(S.CONSENT_RECEIVED, now=now, location=location, by=partner_user)
    client, path = signed_in(partner_user), f"/engagements/{claim.engagement.code}/"
    before = client.get(f"/claims/{claim.pk}/").content.decode()

    lose_everything(claim)

    after = client.get(f"/claims/{claim.pk}/")
    assert (path in before, path in after.content.decode()) == (True, False)
    assert after.status_code == 200
    assert client.get(path).status_code == 404


# --- the database keeps them too ---

REWRITINGS = {
    "the days for consent": "UPDATE claims_claim SET consent_days = 999",
    "the days for submission": "UPDATE claims_claim SET submit_days = 999",
    "the days for review": "UPDATE claims_claim SET review_days = 999",
    "the days for a dispute": "UPDATE claims_claim SET dispute_days = 999",
    "the requirements": "UPDATE claims_claim SET requirements = '[\"x\"]'",
    "the hours": "UPDATE claims_claim SET requested_hours = 999",
    "the customer survey": "UPDATE claims_claim SET customer_survey_required = false",
    "the partner survey": "UPDATE claims_claim SET partner_survey_required = false",
    "the amount": "UPDATE claims_claim SET payable_usd = 999999",
    "no amount": "UPDATE claims_claim SET payable_usd = null",
    "the market": "UPDATE claims_claim SET market = 'C'",
    "the consent": "UPDATE claims_claim SET consented_at = now()",
}


def execute(sql: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


@pytest.mark.parametrize("term", REWRITINGS)
def test_the_database_refuses_to_change_a_term(term, now):
    claim_at(S.CONSENT_RECEIVED, now=now)

    with pytest.raises(DatabaseError, match="Cannot update rows from claims_claim"):
        execute(REWRITINGS[term])


@pytest.mark.parametrize("term", REWRITINGS)
def test_control_without_its_triggers_a_term_can_be_changed(term, now):
    claim_at(S.CONSENT_RECEIVED, now=now)

    with pgtrigger.ignore("claims.Claim:a_claim_keeps_its_terms", "claims.Claim:a_rate_stays_as_consented"):
        assert execute(REWRITINGS[term]) == 1
