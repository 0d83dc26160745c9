"""The verbs: what each does besides the move (CON-6 to CON-8, DL-7, PAY-1, REV-4)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from claims import lifecycle
from claims.states import Status as S
from engagements.models import RateCard
from incentives.models import LedgerEntry
from mail.models import Message
from tests.factories import EngagementFactory, LocationFactory, claim_at, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def rivals(now):
    """Two companies waiting for the same customer's answer, and a third that has not asked yet."""
    engagement, customer = EngagementFactory(), make_customer("domain")
    facts = {"now": now, "engagement": engagement}
    return (
        claim_at(S.AWAITING_CONSENT, customer=customer, **facts),
        claim_at(S.AWAITING_CONSENT, customer=customer.tenant, **facts),
        claim_at(S.CUSTOMER_CLAIMED, customer=customer, **facts),
    )


def test_consent_turns_rivals_away_for_good_and_names_nobody(rivals, now):
    chosen, other, third = rivals
    lifecycle.give_consent(chosen, now=now)
    for rival in (other, third):
        rival.refresh_from_db()
        assert rival.status == S.REJECTED_FINAL
        (comment,) = rival.comments.all()
        assert chosen.partner.name not in comment.text
        assert chosen.location.name not in comment.text
    with pytest.raises(lifecycle.NotAllowed):
        lifecycle.dispute(other, by=other.created_by, now=now)


def test_consent_leaves_other_customers_other_engagements_and_sister_claims_alone(rivals, now):
    chosen, *_ = rivals
    sister = LocationFactory(partner=chosen.partner)
    untouched = [
        claim_at(S.AWAITING_CONSENT, now=now, engagement=chosen.engagement),
        claim_at(S.AWAITING_CONSENT, now=now, customer=chosen.customer),
        claim_at(
            S.AWAITING_CONSENT,
            now=now,
            customer=chosen.customer,
            engagement=chosen.engagement,
            location=sister,
        ),
    ]
    lifecycle.give_consent(chosen, now=now)
    for claim in untouched:
        claim.refresh_from_db()
        assert claim.status == S.AWAITING_CONSENT


def test_no_second_consent_while_a_rival_works_on_the_first(rivals, now):
    chosen, *_ = rivals
    lifecycle.give_consent(chosen, now=now)
    late = claim_at(S.AWAITING_CONSENT, now=now, customer=chosen.customer, engagement=chosen.engagement)
    with pytest.raises(lifecycle.ConsentUnavailable):
        lifecycle.give_consent(late, now=now)
    late.refresh_from_db()
    assert late.status == S.AWAITING_CONSENT


def test_the_consent_limit_holds_at_the_answer(now):
    engagement = EngagementFactory(limit_consents=1)
    first = claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement)
    second = claim_at(S.AWAITING_CONSENT, now=now, engagement=engagement)
    lifecycle.give_consent(first, now=now)
    with pytest.raises(lifecycle.ConsentUnavailable):
        lifecycle.give_consent(second, now=now)


def test_consent_freezes_the_rate_and_approval_books_it(now, reviewer):
    claim = claim_at(S.UNDER_REVIEW, now=now)
    RateCard.objects.update(rate_a=Decimal(1))
    lifecycle.approve(claim, by=reviewer, now=now)
    (entry,) = LedgerEntry.objects.filter(claim_number=claim.pk)
    assert (entry.kind, entry.amount_usd, entry.location) == ("earned", Decimal(5000), claim.location)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(
            location=claim.location, kind="earned", amount_usd=1, claim_number=claim.pk, text="again", at=now
        )


@pytest.mark.parametrize(
    ("status", "kind", "subject"),
    [
        (
            S.ACTION_REQUIRED,
            "claim_action_required",
            "Additional proof of execution details needed for {engagement}",
        ),
        (S.APPROVED, "claim_approved", "Notice: Claim for the engagement was approved"),
        (S.REJECTED, "claim_rejected", "Claim for {engagement} engagement was rejected"),
    ],
)
def test_decisions_are_written_to_partner_contact_and_creator(now, status, kind, subject):
    claim = claim_at(status, now=now)
    letters = Message.objects.filter(kind=kind, about=claim.pk)
    assert {letter.to for letter in letters} == {
        claim.partner_contact_email.lower(),
        claim.created_by.email.lower(),
    }
    assert {letter.subject for letter in letters} == {subject.format(engagement=claim.engagement.name)}


@pytest.mark.parametrize("status", [s for s in S if "expired" in s])
def test_expiry_sends_no_mail(now, status):
    claim = claim_at(status, now=now)
    last = claim.events.get(action="expire").at
    assert not Message.objects.filter(about=claim.pk, created_at__gte=last).exists()


def test_a_claim_can_be_sent_back_any_number_of_times(now, reviewer):
    claim = claim_at(S.ACTION_REQUIRED, now=now)
    for round_ in range(1, 4):
        lifecycle.submit(claim, by=claim.created_by, now=now + timedelta(hours=round_))
        lifecycle.start_review(claim, by=reviewer, now=now + timedelta(hours=round_))
        lifecycle.request_action(claim, by=reviewer, now=now + timedelta(hours=round_), comment="Once more.")
    assert claim.events.filter(action="submit").count() == 4


def test_a_stale_revision_changes_nothing(now, reviewer):
    claim = claim_at(S.UNDER_REVIEW, now=now)
    with pytest.raises(lifecycle.ChangedMeanwhile):
        lifecycle.approve(claim, by=reviewer, now=now, revision=claim.revision - 1)
    claim.refresh_from_db()
    assert claim.status == S.UNDER_REVIEW


def test_submit_names_everything_that_is_missing(now):
    claim = claim_at(S.CONSENT_RECEIVED, now=now)
    with pytest.raises(lifecycle.Refused) as refusal:
        lifecycle.submit(claim, by=claim.created_by, now=now)
    for item in claim.checklist():
        assert str(item.label) in str(refusal.value)


def test_public_sector_of_three_countries_must_disclose(now):
    def codes(**customer):
        return [
            slot.code
            for slot in claim_at(S.CUSTOMER_CLAIMED, now=now, customer=make_customer(**customer)).slots.all()
        ]

    assert codes(sector="public", country="US")[-1] == "psd"
    assert "psd" not in codes(sector="public", country="DE")
    assert "psd" not in codes(sector="commercial", country="US")
