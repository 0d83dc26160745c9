from datetime import timedelta

import pytest

from claims import contacts
from claims.lifecycle import NotAllowed, Refused
from claims.states import Status
from claims.surveys import completed
from engagements.models import Engagement
from mail.models import Link
from surveys.invitations import send
from surveys.models import Audience
from tests.factories import EngagementFactory, claim_at

from .conftest import mails, sent

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("audience", "subject"),
    [
        ("customer", "Action required: Complete customer survey for the Plan & Go Workshop"),
        (
            "partner",
            "Action required: Complete post-engagement partner survey for the Plan & Go Workshop with {customer}",
        ),
    ],
)
def test_survey_is_sent_to_its_contact(now, audience, subject):
    claim = claim_at(
        Status.CONSENT_RECEIVED, now=now, engagement=EngagementFactory(name="Plan & Go Workshop")
    )

    link = sent(claim, audience, now=now)

    message = mails().get()
    assert message.subject == subject.format(customer=claim.customer.organization.name)
    assert (message.to, message.link, link.expires_at) == (
        getattr(claim, f"{audience}_contact_email"),
        link,
        None,
    )
    claim.refresh_from_db()
    assert getattr(claim, f"{audience}_survey_sent_at") == now
    assert claim.events.first().action == f"send_{audience}_survey"


@pytest.mark.parametrize("audience", Audience)
def test_cap_is_exactly_24_hours(consented, now, audience):
    sent(consented, audience, now=now)

    with pytest.raises(Refused, match=f"again from {now + DAY:%Y-%m-%d %H:%M:%S} UTC"):
        sent(consented, audience, now=now + DAY - SECOND)
    assert mails().count() == 1

    sent(consented, audience, now=now + DAY)
    assert mails().count() == 2


def test_each_survey_has_its_own_cap(consented, now):
    sent(consented, "customer", now=now)
    sent(consented, "partner", now=now)

    assert mails().count() == 2


@pytest.mark.parametrize("audience", Audience)
def test_newer_link_kills_the_older(consented, now, audience):
    first, second = sent(consented, audience, now=now), sent(consented, audience, now=now + DAY)

    first.refresh_from_db()
    assert (first.cause_of_death(now + DAY), second.cause_of_death(now + DAY)) == ("replaced", "")


def test_changed_customer_address_disconnects_the_link(consented, now):
    link = sent(consented, "customer", now=now)

    contacts.edit(
        consented,
        by=consented.created_by,
        now=now,
        customer_contact_email=f"new.{consented.customer_contact_email}",
    )

    link.refresh_from_db()
    assert link.cause_of_death(now) == "replaced"


def test_answered_customer_survey_fixes_the_contact_and_cannot_be_sent_again(consented, now):
    completed(consented, "customer", now=now)

    with pytest.raises(Refused, match="already answered"):
        sent(consented, "customer", now=now)
    with pytest.raises(Refused, match="can no longer be changed"):
        contacts.edit(consented, by=consented.created_by, now=now, customer_contact_name="Somebody Else")
    assert mails().count() == 0


def test_answered_partner_survey_can_be_sent_again(consented, now):
    completed(consented, "partner", now=now)

    sent(consented, "partner", now=now)

    assert mails().get().kind == "partner_survey"


@pytest.mark.parametrize("audience", Audience)
def test_survey_that_the_engagement_does_not_ask_for_is_not_sent(now, audience):
    engagement = EngagementFactory(**{f"{audience}_survey": False})
    claim = claim_at(Status.CONSENT_RECEIVED, now=now, engagement=engagement)
    assert Engagement.objects.filter(**{f"{audience}_survey": False}).exists()

    with pytest.raises(Refused, match="asks for no such survey"):
        sent(claim, audience, now=now)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.CONSENT_RECEIVED])
def test_survey_is_sent_in_no_other_status(now, status):
    claim = claim_at(status, now=now)
    before = (mails().count(), Link.objects.count(), claim.customer_survey_sent_at)

    with pytest.raises(NotAllowed):
        send(claim, Audience.CUSTOMER, by=claim.created_by, now=now)

    claim.refresh_from_db()
    assert (mails().count(), Link.objects.count(), claim.customer_survey_sent_at) == before
