"""A role is taken away while its holder's requests run: nothing is accepted after the commit (R12)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims import contacts, conversation, creation, documents, lifecycle, queued_sends
from claims.creation import Contacts, create_claims
from claims.models import Claim, ClaimEvent, Comment, QueuedSend
from claims.states import Party
from claims.states import Status as S
from consent import requests
from engagements.models import Engagement
from incentives import enrolment
from incentives.management.walk import plausible, sheet
from incentives.models import Enrolment, Location, LocationRole, PartnerRole, ProgrammeTerms, User
from incentives.people import grants, standing
from incentives.roles import RoleGone
from mail.models import SendCap
from surveys import invitations, responses
from surveys.models import Audience, Questionnaire
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    TermsFactory,
    UserFactory,
    claim_at,
    give_role,
    make_claim,
    make_customer,
)
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROUNDS = rounds(5, long=20)  # of each of the eleven deeds: 55 in all, or 220


@dataclass
class World:
    """One location with its Account Admin, the person whose role comes and goes, and what they can write to."""

    now: datetime
    location: Location
    admin: User
    user: User
    engagement: Engagement
    opened: Claim
    consented: Claim
    terms: ProgrammeTerms
    round: int = 0
    refused: int = 0
    accepted: int = 0
    late: list[str] = field(default_factory=list)

    def traces(self) -> int:
        """How many rows say that this person has written something."""
        mine = (
            ClaimEvent.objects.filter(user=self.user).count()
            + Comment.objects.filter(author=self.user).count()
        )
        return mine + Enrolment.objects.filter(accepted_by=self.user).count()


@pytest.fixture
def world(now) -> World:
    location, engagement = LocationFactory(), EngagementFactory()
    admin = UserFactory(partner=location.partner)
    role = PartnerRole.Role.ACCOUNT_ADMIN
    PartnerRole.objects.create(user=admin, partner=location.partner, role=role)
    user = give_role(UserFactory(partner=location.partner), location, role=LocationRole.Role.ADMIN)
    facts: dict[str, Any] = {"now": now, "location": location, "by": user, "engagement": engagement}
    opened, consented = (claim_at(status, **facts) for status in (S.CUSTOMER_CLAIMED, S.CONSENT_RECEIVED))
    return World(now, location, admin, user, engagement, opened, consented, TermsFactory())


def again(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def comments(world: World) -> Callable[[], object]:
    return partial(
        conversation.comment, again(world.opened), "Hello", party=Party.PARTNER, by=world.user, now=world.now
    )


def edits_contacts(world: World) -> Callable[[], object]:
    name = f"Name {world.round}"
    return partial(
        contacts.edit, again(world.opened), by=world.user, now=world.now, partner_contact_name=name
    )


def requests_consent(world: World) -> Callable[[], object]:
    SendCap.objects.all().delete()
    claim = again(world.opened)
    typed = Contacts(**{name: getattr(claim, name) for name in Contacts.__dataclass_fields__})
    facts = {"by": world.user, "now": world.now, "typed": typed, "deal_size_usd": 5000}
    return partial(requests.request, claim, **facts)


def uploads(world: World) -> Callable[[], object]:
    world.consented.documents.update(removed_at=world.now)
    file = SimpleUploadedFile("report.pdf", sheet("A report"), "application/pdf")
    slot = world.consented.slots.first()
    return partial(documents.add, again(world.consented), slot, [file], by=world.user, now=world.now)


def removes_files(world: World) -> Callable[[], object]:
    uploads(world)()
    files = list(world.consented.documents.current())
    return partial(documents.remove, again(world.consented), files, by=world.user, now=world.now)


def sends_survey(world: World) -> Callable[[], object]:
    SendCap.objects.all().delete()
    claim = again(world.consented)
    return partial(invitations.send, claim, Audience.PARTNER, by=world.user, now=world.now)


def releases_survey(world: World) -> Callable[[], object]:
    """Queued by the person some time ago, and released now."""
    SendCap.objects.all().delete()
    QueuedSend.objects.all().delete()
    when = {"asked_at": world.now, "send_at": world.now}
    row = QueuedSend.objects.create(claim=world.consented, kind="partner_survey", by=world.user, **when)
    facts = {"send": partial(invitations.send, audience=Audience.PARTNER), "pk": row.pk}
    return partial(queued_sends.release, again(world.consented), by=world.user, now=world.now, **facts)


def answers_survey(world: World) -> Callable[[], object]:
    questionnaire = Questionnaire.objects.open_to(world.consented, Audience.PARTNER)[0]
    asked = questionnaire.questions.exclude(kind="signature")
    answered = [(question, plausible(question)) for question in asked]
    signed = responses.Signature("Alexa Barket", "FridayINC", "IT Manager")
    facts = {"now": world.now, "signed": signed, "by": world.user}
    return partial(responses.record, again(world.consented), questionnaire, answered, **facts)


def creates_claims(world: World) -> Callable[[], object]:
    Enrolment.objects.filter(location=world.location).update(status="enrolled")
    customer = make_customer()
    people = Contacts("Susie", f"susie@{customer.counts_as.domains.first().value}", "Alexa", world.user.email)
    facts = {"name": "New", "location": world.location, "customer": customer, "contacts": people}
    return partial(create_claims, **facts, engagements=[world.engagement], by=world.user, now=world.now)


def cancels(world: World) -> Callable[[], object]:
    claim = make_claim(now=world.now, location=world.location, by=world.user, engagement=world.engagement)
    return partial(lifecycle.cancel, again(claim), by=world.user, now=world.now)


def enrols(world: World) -> Callable[[], object]:
    nobody = {"terms": None, "accepted_by": None, "accepted_at": None}
    Enrolment.objects.filter(location=world.location).update(status="invited", **nobody)
    return partial(enrolment.enrol, world.location, by=world.user, terms=world.terms.pk, now=world.now)


DEEDS = [
    comments,
    edits_contacts,
    requests_consent,
    uploads,
    removes_files,
    sends_survey,
    releases_survey,
    answers_survey,
    creates_claims,
    cancels,
    enrols,
]


def looked_around(world: World, act: Callable[[], object]) -> Callable[[], object]:
    """A request reads before it writes: in every round a bit more, so that either can come first."""

    def request() -> object:
        for _page in range(world.round % 10 * 2):
            Location.objects.visible_to(world.user).exists()
        return act()

    return request


def remove(world: World) -> int:
    """Take the role away; what the person had written by the time this was committed."""
    held = list(world.user.location_roles.all())
    grants.take_roles(world.user, by=world.admin, now=world.now, incentive=held)
    return world.traces()


def deactivate(world: World) -> int:
    standing.deactivate(world.user, by=world.admin, now=world.now)
    return world.traces()


def race(world: World, deed: Callable[[World], Callable[[], object]], end: Callable[[World], int]) -> None:
    world.round += 1
    User.objects.filter(pk=world.user.pk).update(is_active=True)
    LocationRole.objects.get_or_create(user=world.user, location=world.location, role=LocationRole.Role.ADMIN)
    act = looked_around(world, deed(world))

    done, by_then = at_once(act, partial(end, world))

    assert isinstance(done, RoleGone) or not isinstance(done, Exception), done
    assert isinstance(by_then, int), by_then
    world.refused += isinstance(done, RoleGone)
    world.accepted += not isinstance(done, RoleGone)
    world.late += [deed.__name__] * (world.traces() != by_then)


@pytest.mark.long
@pytest.mark.parametrize("end", [remove, deactivate])
def test_nothing_is_written_after_the_commit_that_took_the_right_away(world, end):
    """As many rounds for the removal of the role as for the deactivation of the person."""
    for _round in range(ROUNDS):
        for deed in DEEDS:
            race(world, deed, end)

    assert world.late == []
    assert world.refused + world.accepted == ROUNDS * len(DEEDS)
    # Else one of both would always have come first, and nothing would have been raced.
    assert min(world.refused, world.accepted) > 0


def test_every_deed_writes_something_and_none_does_without_the_role(world):
    """Else the test above would also pass with deeds that do nothing, or need no role."""
    for deed in DEEDS:
        world.round += 1
        act, before = deed(world), world.traces()
        act()
        assert world.traces() > before, deed.__name__
        act, before = deed(world), world.traces()
        held = list(LocationRole.objects.filter(user=world.user))
        LocationRole.objects.all().delete()
        with pytest.raises(RoleGone):
            act()
        assert world.traces() == before, deed.__name__
        LocationRole.objects.bulk_create(held)


def test_control_a_role_that_is_only_looked_at_lets_a_late_write_through(world, monkeypatch):
    """The same check without a lock: the removal commits between the look and the write."""
    looked, gone = threading.Event(), threading.Event()

    def look(by, location, *, role=""):
        assert by.location_roles.filter(location=location).exists()
        looked.set()
        gone.wait(timeout=20)

    monkeypatch.setattr(lifecycle, "hold_role", look)
    monkeypatch.setattr(creation, "hold_role", look)

    def removal() -> int:
        looked.wait(timeout=20)
        by_then = remove(world)
        gone.set()
        return by_then

    for deed in (comments, creates_claims):
        give_role(world.user, world.location, role=LocationRole.Role.ADMIN) if looked.is_set() else None
        looked.clear()
        gone.clear()
        act = deed(world)
        done, by_then = at_once(act, removal)
        world.late += [deed.__name__] * (world.traces() != by_then and not isinstance(done, Exception))

    assert world.late == ["comments", "creates_claims"]


def test_two_admins_taking_each_others_role_leave_one(world):
    """Twenty rounds: a company is never left without an Account Admin, and nobody waits for a deadlock."""
    role = PartnerRole.Role.ACCOUNT_ADMIN
    for _round in range(20):
        PartnerRole.objects.all().delete()
        pair = [world.admin, UserFactory(partner=world.location.partner)]
        for person in pair:
            PartnerRole.objects.create(user=person, partner=world.location.partner, role=role)

        def take(by: User, person: User) -> bool:
            return grants.take_roles(
                User.objects.get(pk=person.pk), by=by, now=world.now, company=list(person.partner_roles.all())
            )

        results = at_once(partial(take, *pair), partial(take, *reversed(pair)))

        assert PartnerRole.objects.filter(role=role).count() == 1
        assert sorted(type(result) is RoleGone for result in results) == [False, True]
