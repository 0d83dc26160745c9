"""Everything that locks, at the same time, on the same few customers: nobody ever blocks another for good (R14)."""

import random
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection

from claims import contacts, conversation, expiry, lifecycle
from claims.creation import Contacts, NotClaimable, create_claims
from claims.lifecycle import Refused
from claims.models import Claim, CustomerIdentity
from claims.states import Party
from claims.states import Status as S
from consent import requests
from consent.answers import record
from engagements.models import Engagement
from incentives.models import Location, User
from mail import delivery
from mail.models import Link, SendCap
from reviews import decisions
from surveys import invitations
from surveys.models import Audience
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    StaffFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.together import at_once, deadlocks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
CONTACTS = Contacts("Susie Jones", "susie@customer.example", "Priya Kaur", "priya@partner.example")
TURNS = rounds(30, long=1_500)  # of each of twelve people; the long hunt takes five minutes


@dataclass
class World:
    """Three companies after the same three customers, two engagements, and two reviewers."""

    now: datetime
    people: list[tuple[User, Location]]
    customers: list[CustomerIdentity]
    engagements: list[Engagement]
    reviewers: list[User]


@pytest.fixture
def world(now) -> World:
    places = [LocationFactory() for _company in range(3)]
    people = [(give_role(UserFactory(partner=p.partner), p), p) for p in places for _person in range(2)]
    engagements = [EngagementFactory(limit_concurrent=8, limit_consents=100_000) for _n in range(2)]
    return World(
        now, people, [make_customer() for _n in range(3)], engagements, [StaffFactory(), StaffFactory()]
    )


def some(chance: random.Random, *statuses: str) -> Claim:
    """A claim in one of these statuses, or whatever there is."""
    keys = list(Claim.objects.filter(status__in=statuses).values_list("pk", flat=True)[:20])
    return Claim.objects.get(pk=chance.choice(keys)) if keys else Claim.objects.latest("pk")


def creates(world: World, chance: random.Random) -> None:
    by, place = chance.choice(world.people)
    wanted = chance.sample(world.engagements, chance.choice([1, 2]))
    facts = {"name": "A claim", "location": place, "contacts": CONTACTS, "by": by, "now": world.now}
    create_claims(customer=chance.choice(world.customers), engagements=wanted, **facts)


def asks(world: World, chance: random.Random) -> None:
    claim = some(chance, S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT)
    SendCap.objects.filter(subject_id=claim.pk).delete()
    facts = {"typed": CONTACTS, "deal_size_usd": 5000}
    requests.request(claim, by=claim.created_by, now=world.now, **facts)


def answers(world: World, chance: random.Random) -> None:
    claim = some(chance, S.AWAITING_CONSENT)
    link = Link.objects.filter(purpose=Link.Purpose.CONSENT, subject_id=claim.pk).order_by("pk").last()
    if link:
        said, reason = chance.choice([("yes", ""), ("yes", ""), ("no", "unknown_partner")])
        facts = {"answer": said, "decline_reason": reason, "text_shown": "Do you agree?"}
        record(claim, link, now=world.now, **facts)


def edits(world: World, chance: random.Random) -> None:
    claim = some(chance, S.CUSTOMER_CLAIMED, S.CONSENT_RECEIVED)
    contacts.edit(claim, by=claim.created_by, now=world.now, customer_contact_title=f"{chance.random()}")


def comments(world: World, chance: random.Random) -> None:
    claim = some(chance, *S.values)
    conversation.comment(claim, "Hello", party=Party.PARTNER, by=claim.created_by, now=world.now)


def sends_survey(world: World, chance: random.Random) -> None:
    claim = some(chance, S.CONSENT_RECEIVED)
    SendCap.objects.filter(subject_id=claim.pk).delete()
    invitations.send(claim, Audience.CUSTOMER, by=claim.created_by, now=world.now)


def cancels(world: World, chance: random.Random) -> None:
    claim = some(chance, S.CONSENT_RECEIVED, S.CUSTOMER_CLAIMED)
    lifecycle.cancel(claim, by=claim.created_by, now=world.now)


def submits(world: World, chance: random.Random) -> None:
    claim = some(chance, S.CONSENT_RECEIVED)
    lifecycle.submit(claim, by=claim.created_by, now=world.now)


def decides(world: World, chance: random.Random) -> None:
    claim = some(chance, S.SUBMITTED, S.UNDER_REVIEW, S.REJECTED)
    action = chance.choice(["start_review", "approve", "reject", "request_action"])
    facts = {"revision": claim.revision, "comment": "Please look again."}
    decisions.decide(claim, action, by=chance.choice(world.reviewers), now=world.now, **facts)


def expires(world: World, chance: random.Random) -> None:
    expiry.expire_due(now=world.now + timedelta(days=chance.choice([0, 0, 0, 31])))


def delivers(world: World, chance: random.Random) -> None:
    delivery.deliver_due(now=world.now)


DEEDS = (creates, asks, answers, edits, comments, sends_survey, cancels, submits, decides, expires, delivers)
OFTEN = (creates, asks, answers)


def busy(world: World, seed: int) -> list[str]:
    """One person doing one thing after the other; what PostgreSQL said of waits that took longer than a second."""
    chance, heard = random.Random(seed), []  # noqa: S311  (a plan of work, no secret)
    with connection.cursor() as cursor:
        cursor.execute("SET log_lock_waits = on; SET deadlock_timeout = '1s'; SET client_min_messages = log")
    connection.connection.add_notice_handler(lambda said: heard.append(said.message_primary or ""))
    for _turn in range(TURNS):
        with suppress(Refused, NotClaimable):
            chance.choice(DEEDS + OFTEN)(world, chance)
    return [words for words in heard if "still waiting" in words]


@pytest.mark.long
def test_nobody_blocks_another_for_good(world):
    before = deadlocks()
    for by, place in world.people:
        make_claim(now=world.now, location=place, by=by, customer=world.customers[0])

    found = at_once(*[partial(busy, world, seed) for seed in range(12)])

    assert [heard for heard in found if isinstance(heard, Exception)] == []
    print("Waits of more than a second:", sum(len(heard) for heard in found))
    assert deadlocks() == before


def test_control_without_the_one_order_of_locks_rivals_block_each_other(now, monkeypatch):
    engagement, customer = EngagementFactory(), make_customer()
    facts = {"now": now, "engagement": engagement, "customer": customer}
    rivals = [claim_at(S.AWAITING_CONSENT, **facts) for _company in range(2)]
    together = threading.Barrier(2)

    def lock_own_first(claim: Claim) -> list[Claim]:
        mine = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
        together.wait(timeout=20)
        others = Claim.objects.filter(engagement=engagement).exclude(pk=mine.pk)
        return list(others.select_for_update(of=("self",)))

    monkeypatch.setattr(lifecycle, "lock_with_rivals", lock_own_first)
    before = deadlocks()

    results = at_once(
        *[partial(lifecycle.give_consent, Claim.objects.get(pk=claim.pk), now=now) for claim in rivals]
    )

    assert [type(result) for result in results].count(OperationalError) == 1
    assert deadlocks() == before + 1
