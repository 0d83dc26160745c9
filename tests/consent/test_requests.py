from datetime import timedelta

import pytest

from claims.creation import Contacts
from claims.lifecycle import ChangedMeanwhile, DeadlinePassed, NotAllowed, Refused
from claims.models import Claim, ClaimEvent
from claims.states import Status
from consent.requests import TooSoon, request, too_soon
from mail.models import Link, Message, SendCap
from tests.factories import EngagementFactory, claim_at, make_claim, make_customer

from .conftest import ask, contacts_of

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
DAY = timedelta(hours=24)


def history_of(claim: Claim) -> list[str]:
    return list(ClaimEvent.objects.filter(claim=claim).order_by("pk").values_list("action", flat=True))


def test_first_request_writes_to_the_customer_and_moves_the_claim(now):
    claim = make_claim(now=now, engagement=EngagementFactory(name="Plan & Pilot <fast> Workshop"))

    link = ask(claim, now=now)

    claim.refresh_from_db()
    assert (claim.status, claim.deal_size_usd, claim.consent_requested_at) == (
        Status.AWAITING_CONSENT,
        5000,
        now,
    )
    message = Message.objects.get()
    assert (message.to, message.about, message.link) == (claim.customer_contact_email, claim.pk, link)
    assert message.subject == "Action required: Confirm participation in the Plan & Pilot <fast> Workshop"
    assert link.expires_at == claim.expires_at
    assert history_of(claim) == ["create", "request_consent"]


def test_sending_again_keeps_deal_size_and_deadline_and_kills_the_older_link(now):
    claim = make_claim(now=now)
    first = ask(claim, now=now)
    claim.refresh_from_db()
    deadline = claim.expires_at

    request(claim, by=claim.created_by, now=now + DAY, typed=Contacts(**contacts_of(claim)), deal_size_usd=9)

    claim.refresh_from_db()
    assert (claim.deal_size_usd, claim.expires_at, claim.consent_requested_at) == (5000, deadline, now)
    assert Link.objects.get(pk=first.pk).cause_of_death(now + DAY) == "replaced"
    assert Link.objects.filter(revoked_at=None).count() == 1
    assert history_of(claim) == ["create", "request_consent", "request_consent"]


def test_cap_is_exactly_24_hours(now):
    claim = make_claim(now=now)
    ask(claim, now=now)

    with pytest.raises(TooSoon, match=f"{now + DAY:%Y-%m-%d %H:%M:%S} UTC"):
        ask(claim, now=now + DAY - SECOND)
    assert Message.objects.count() == 1

    ask(claim, now=now + DAY)
    assert Message.objects.count() == 2


def test_cap_of_one_claim_does_not_hold_back_another_of_the_same_customer(now):
    customer = make_customer()
    for _ in range(2):
        ask(make_claim(now=now, customer=customer), now=now)

    assert Message.objects.count() == 2


def test_request_that_comes_too_soon_saves_no_contact_either(now):
    claim = make_claim(now=now)
    link = ask(claim, now=now)
    before = contacts_of(Claim.objects.get(pk=claim.pk))

    with pytest.raises(TooSoon):
        ask(
            claim,
            now=now + SECOND,
            customer_contact_name="Somebody Else",
            customer_contact_email=f"x{claim.customer_contact_email}",
        )

    assert contacts_of(Claim.objects.get(pk=claim.pk)) == before
    assert Link.objects.get(pk=link.pk).cause_of_death(now + SECOND) == ""


def test_refused_request_does_not_use_up_the_cap(now):
    claim = make_claim(now=now)

    with pytest.raises(Refused, match="Enter the deal size"):
        request(claim, by=claim.created_by, now=now, typed=Contacts(**contacts_of(claim)))

    assert SendCap.objects.count() == 0
    assert Message.objects.count() == 0
    assert too_soon(claim, now=now) == ""


def test_changed_address_gets_the_new_link(now):
    claim = make_claim(now=now)
    address = f"new.{claim.customer_contact_email}"

    link = ask(claim, now=now, customer_contact_email=address)

    assert (link.address, Message.objects.get().to) == (address, address)
    assert history_of(claim) == ["create", "edit_contacts", "request_consent"]


def test_address_outside_the_customers_domains_needs_a_reason(now):
    claim = make_claim(now=now)

    with pytest.raises(Refused, match="give the reason"):
        ask(claim, now=now, customer_contact_email="susie@elsewhere.example")
    assert Message.objects.count() == 0

    ask(
        claim,
        now=now,
        customer_contact_email="susie@elsewhere.example",
        domain_mismatch_reason="Parent company",
    )
    assert Message.objects.get().to == "susie@elsewhere.example"


def test_claim_past_its_deadline_expires_instead(now):
    claim = make_claim(now=now)

    with pytest.raises(DeadlinePassed):
        ask(claim, now=now + 30 * DAY)

    claim.refresh_from_db()
    assert claim.status == Status.CONSENT_EXPIRED
    assert Message.objects.count() == 0


def test_request_from_a_page_that_is_out_of_date_is_refused(now):
    claim = make_claim(now=now)

    with pytest.raises(ChangedMeanwhile):
        request(
            claim,
            by=claim.created_by,
            now=now,
            typed=Contacts(**contacts_of(claim)),
            deal_size_usd=1,
            revision=claim.revision + 1,
        )

    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in {Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT}]
)
def test_request_is_refused_in_every_other_status(status, now):
    claim = claim_at(status, now=now)
    written = Message.objects.count()

    with pytest.raises(NotAllowed):
        ask(claim, now=now)

    assert Message.objects.count() == written
