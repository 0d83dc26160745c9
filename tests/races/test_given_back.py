"""A refusal is recorded while the partner sends again and the desk tries again: one mail arrives in 24 hours."""

from datetime import datetime
from functools import partial

import pytest

from claims.creation import Contacts
from claims.models import Claim
from consent.requests import request
from mail import delivery
from mail.models import Message, SendCap
from mail.server import Answer, Outcome
from tests.breadth import rounds
from tests.consent.conftest import ask, contacts_of
from tests.factories import UserFactory, give_role, make_claim
from tests.together import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("a_mail_server"),
]
ROUNDS = rounds(5, long=20)


@pytest.fixture
def a_mail_server(settings, monkeypatch):
    """Refuses whoever is called old, and takes every other mail."""

    def hand_over(mail, server):
        if mail.to[0].startswith("old."):
            return Answer(Outcome.REFUSED, "550 no such user")
        return Answer(Outcome.ACCEPTED, "250 OK", surely_not_taken=False)

    monkeypatch.setattr(delivery, "hand_over", hand_over)


def asked(now: datetime) -> Claim:
    """A claim whose customer was written to at an address that does not exist."""
    claim = make_claim(now=now)
    ask(claim, now=now, customer_contact_email=f"old.{claim.customer_contact_email}")
    claim.refresh_from_db()
    return claim


def mended(claim: Claim, now: datetime) -> list[partial]:
    """Six colleagues correct the address and send again."""
    address = claim.customer_contact_email.removeprefix("old.")
    typed = Contacts(**contacts_of(claim) | {"customer_contact_email": address})
    people = [give_role(UserFactory(partner=claim.partner), claim.location) for _ in range(6)]
    return [partial(request, Claim.objects.get(pk=claim.pk), by=by, now=now, typed=typed) for by in people]


def arrived(claim: Claim, now: datetime) -> int:
    delivery.deliver_due(now=now)
    return Message.objects.filter(about=claim.pk, state="sent").count()


@pytest.mark.long
def test_a_refusal_recorded_while_six_send_again_lets_one_of_them(now):
    """Who came before the refusal was recorded was asked to wait, and may send now."""
    for _ in range(ROUNDS):
        claim = asked(now)
        message = Message.objects.get(about=claim.pk)

        at_once(partial(delivery.deliver, message.pk, now=now), *mended(claim, now))

        assert arrived(claim, now) <= 1
        at_once(*mended(claim, now))
        assert arrived(claim, now) == 1


def test_control_a_right_given_back_to_whoever_holds_it_now_lets_two_arrive(now, monkeypatch):
    def give_back(kind, subject_id, *, until):
        return bool(SendCap.objects.filter(kind=kind, subject_id=subject_id).delete()[0])

    monkeypatch.setattr(SendCap, "give_back", give_back)
    claim = asked(now)
    message = Message.objects.get(about=claim.pk)
    delivery.deliver(message.pk, now=now)
    mended(claim, now)[0]()
    delivery.deliver_due(now=now)
    Message.objects.get(pk=message.pk).give_cap_back()
    mended(claim, now)[1]()

    assert arrived(claim, now) == 2


def refused(now: datetime) -> Claim:
    """A claim whose only mail was refused; the address exists by now."""
    claim = asked(now)
    delivery.deliver_due(now=now)
    Message.objects.filter(about=claim.pk).update(to="susie@customer.example")
    return claim


def tried_and_sent_again(claim: Claim, now: datetime) -> int:
    mine = Message.objects.filter(about=claim.pk)
    at_once(*[partial(delivery.try_again, mine, now=now)] * 3, *mended(claim, now)[:3])
    return arrived(claim, now)


@pytest.mark.long
def test_tried_again_at_the_desk_and_sent_again_at_once_one_arrives(now):
    for _ in range(ROUNDS):
        assert tried_and_sent_again(refused(now), now) == 1


def test_control_tried_again_without_taking_the_right_both_arrive(now, monkeypatch):
    monkeypatch.setattr(Message, "take_cap_again", lambda message, now: True)
    claim = refused(now)

    delivery.try_again(Message.objects.filter(about=claim.pk), now=now)
    delivery.deliver_due(now=now)
    mended(claim, now)[0]()

    assert arrived(claim, now) == 2
