import pytest

from claims import contacts, lifecycle
from claims.states import Status as S
from mail.models import Link
from tests.factories import claim_at, make_customer

pytestmark = pytest.mark.django_db


def test_a_new_customer_address_kills_the_link_that_was_sent(now):
    claim = claim_at(S.AWAITING_CONSENT, now=now, customer=make_customer("domain"))
    link = Link.objects.get(purpose="consent", subject_id=claim.pk)
    contacts.edit(claim, by=claim.created_by, now=now, customer_contact_email=f"new@{claim.customer.value}")
    link.refresh_from_db()
    assert link.cause_of_death(now) == "replaced"


def test_an_address_elsewhere_needs_a_reason(now):
    claim = claim_at(S.CUSTOMER_CLAIMED, now=now, customer=make_customer("domain"))
    with pytest.raises(lifecycle.Refused):
        contacts.edit(claim, by=claim.created_by, now=now, customer_contact_email="susie@elsewhere.example")
    contacts.edit(
        claim,
        by=claim.created_by,
        now=now,
        customer_contact_email="susie@elsewhere.example",
        domain_mismatch_reason="Mail is hosted elsewhere",
    )
    assert claim.customer_contact_email == "susie@elsewhere.example"


def test_the_customer_contact_is_fixed_once_the_survey_is_answered(now):
    claim = claim_at(S.ACTION_REQUIRED, now=now)
    with pytest.raises(lifecycle.NotAllowed):
        contacts.edit(claim, by=claim.created_by, now=now, partner_contact_name="New")
    consented = claim_at(S.CONSENT_RECEIVED, now=now)
    consented.customer_survey_done_at = now
    consented.save()
    with pytest.raises(lifecycle.Refused, match="answered the survey"):
        contacts.edit(consented, by=consented.created_by, now=now, customer_contact_name="New")
    contacts.edit(consented, by=consented.created_by, now=now, partner_contact_name="New")
    assert consented.partner_contact_name == "New"
