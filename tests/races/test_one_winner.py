"""Twelve at once, one winner; and a control in which the mechanism is taken away, so that the test can fail."""

import uuid
from datetime import timedelta
from functools import partial

import pytest

from claims import conversation, lifecycle
from claims.models import Claim, Comment
from claims.notices import facts
from claims.states import Party
from claims.states import Status as S
from incentives.models import LedgerEntry
from mail import delivery, outbox
from mail.models import Link, Message, SendCap
from tests.factories import UserFactory, claim_at, give_role
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def complete(now):
    """A claim that lacks nothing but the click on Submit."""
    claim = claim_at(S.SUBMITTED, now=now)
    reviewer = claim_at(S.UNDER_REVIEW, now=now).events.get(action="start_review").user
    lifecycle.start_review(claim, by=reviewer, now=now)
    lifecycle.request_action(claim, by=reviewer, now=now, comment="Once more, please.")
    return claim


@pytest.fixture
def crowd(complete):
    """Twelve people of the claim's location: one person's own deeds wait for each other anyway, for their role."""
    place = complete.location
    return [give_role(UserFactory(partner=place.partner), place) for _ in range(12)]


def submits(claim, people, now):
    return [partial(lifecycle.submit, Claim.objects.get(pk=claim.pk), by=by, now=now) for by in people]


@pytest.mark.parametrize("alone", [True, False])
def test_twelve_submits_make_one_submission(complete, crowd, now, alone):
    results = at_once(*submits(complete, crowd[:1] * 12 if alone else crowd, now))
    assert len(won(results)) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {lifecycle.NotAllowed}
    assert complete.events.filter(action="submit").count() == 2


def test_control_without_the_row_lock_several_submits_get_through(complete, crowd, now, monkeypatch):
    monkeypatch.setattr(Claim.objects, "select_for_update", lambda **_: Claim.objects.all())
    reviewer, overshoot = complete.events.get(action="request_action").user, 0
    for _ in range(5):
        overshoot = max(overshoot, len(won(at_once(*submits(complete, crowd, now)))))
        if overshoot > 1:
            break
        lifecycle.start_review(complete, by=reviewer, now=now)
        lifecycle.request_action(complete, by=reviewer, now=now, comment="Again.")
    assert overshoot > 1


def test_two_reviewers_approving_book_one_earning(now):
    claim = claim_at(S.UNDER_REVIEW, now=now)
    reviewer = claim.events.get(action="start_review").user

    def approve():
        return lifecycle.approve(Claim.objects.get(pk=claim.pk), by=reviewer, now=now)

    assert len(won(at_once(*[approve] * 12))) == 1
    assert LedgerEntry.objects.filter(claim_number=claim.pk).count() == 1


def test_a_cap_is_taken_once(now):
    assert at_once(*[lambda: SendCap.take("consent_request", 1, now=now) for _ in range(12)]).count(True) == 1
    assert not SendCap.take("consent_request", 1, now=now + timedelta(hours=24, seconds=-1))
    assert SendCap.take("consent_request", 1, now=now + timedelta(hours=24))


def test_a_link_is_spent_once(now):
    link = Link.mint("consent", 1, address="a@customer.example", now=now)

    def spend():
        return Link.objects.get(pk=link.pk).spend(now)

    assert at_once(*[spend] * 12).count(True) == 1


def test_a_comment_form_sent_five_times_is_saved_once(now):
    claim, key = claim_at(S.CUSTOMER_CLAIMED, now=now), uuid.uuid4()
    comment = partial(conversation.comment, claim, "Hello", party=Party.PARTNER, by=claim.created_by, now=now)
    assert len(won(at_once(*[partial(comment, form_key=key)] * 5))) == 5
    assert Comment.objects.filter(claim=claim).count() == 1


def test_four_workers_drain_the_outbox_without_a_second_copy(now, settings):
    settings.DEMO, settings.EMAIL_URL = True, ""
    claim = claim_at(S.CUSTOMER_CLAIMED, now=now)
    for n in range(40):
        outbox.post("claim_approved", to=f"{n}@partner.example", now=now, about=claim.pk, **facts(claim))
    assert sum(at_once(*[partial(delivery.deliver_due, now=now)] * 4)) == 40
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
