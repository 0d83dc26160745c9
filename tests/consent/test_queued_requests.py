"""A request that is asked for too early waits for the first instant at which it may leave (CON-2)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from claims import contacts, lifecycle, queued_sends
from claims.creation import Contacts
from claims.lifecycle import ChangedMeanwhile, DeadlinePassed, NotAllowed, Refused
from claims.models import Claim, ClaimEvent, QueuedSend
from claims.states import Status
from consent import requests
from consent.requests import KIND, release_queued, request_when_possible
from incentives.models import LocationRole, User
from incentives.roles import RoleGone
from mail.models import Link, Message, SendCap
from tests.factories import StaffFactory, UserFactory, claim_at, give_role, make_claim

from .conftest import ask, contacts_of
from .test_requests import DAY, SECOND, history_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def asked(now) -> Claim:
    """A claim whose customer was written to just now."""
    claim = make_claim(now=now)
    ask(claim, now=now)
    return Claim.objects.get(pk=claim.pk)


def queue(claim: Claim, *, now: datetime, by: User | None = None, **changed: Any) -> QueuedSend | None:
    revision = changed.pop("revision", None)
    facts = {"by": by or claim.created_by, "now": now, "revision": revision}
    return request_when_possible(claim, typed=Contacts(**contacts_of(claim) | changed), **facts)


def colleague_of(claim: Claim) -> User:
    return give_role(UserFactory(partner=claim.partner, full_name="Chris Colleague"), claim.location)


def why_not(claim: Claim) -> str:
    """What the history says of the one mail that was not sent."""
    event = claim.events.get(action="give_up_send")
    assert (event.party, event.user) == ("S", None)
    return event.detail


def test_request_that_comes_too_soon_is_queued_for_the_first_instant_and_sends_nothing(asked, now):
    queued = queue(asked, now=now + HOUR)

    assert (queued.kind, queued.by, queued.asked_at) == (KIND, asked.created_by, now + HOUR)
    assert queued.send_at == SendCap.objects.get().open_from == now + DAY
    assert Message.objects.count() == 1
    assert history_of(asked) == ["create", "request_consent", "queue_send"]
    assert f"{now + DAY:%Y-%m-%d %H:%M:%S} UTC" in asked.events.get(action="queue_send").detail


def test_queued_request_leaves_at_its_instant_and_not_before(asked, now):
    first = Link.objects.get()
    queue(asked, now=now + HOUR)

    assert release_queued(now=now + DAY - SECOND) == 0
    assert Message.objects.count() == 1

    assert release_queued(now=now + DAY) == 1
    assert Message.objects.count() == 2
    assert Link.objects.get(pk=first.pk).cause_of_death(now + DAY) == "replaced"
    assert QueuedSend.objects.count() == 0
    assert SendCap.objects.get().open_from == now + 2 * DAY
    assert history_of(asked) == ["create", "request_consent", "queue_send", "request_consent"]
    assert asked.events.first().user == asked.created_by


def test_where_the_mail_before_it_left_late_it_waits_for_24_hours_of_its_own(asked, now):
    queue(asked, now=now + HOUR)
    SendCap.objects.update(open_from=now + DAY + 20 * HOUR)

    assert release_queued(now=now + DAY) == 0
    assert QueuedSend.objects.get().send_at == now + DAY + 20 * HOUR
    assert release_queued(now=now + DAY + 20 * HOUR) == 1

    assert history_of(asked) == ["create", "request_consent", "queue_send", "request_consent"]


def test_beat_that_did_not_run_for_three_days_sends_it_once(asked, now):
    queue(asked, now=now + HOUR)

    assert [release_queued(now=now + 4 * DAY), release_queued(now=now + 4 * DAY + SECOND)] == [1, 0]

    assert Message.objects.count() == 2
    assert SendCap.objects.get().open_from == now + 5 * DAY


def test_queueing_saves_the_contacts_at_once_as_an_edit_does(asked, now):
    address = f"new.{asked.customer_contact_email}"

    queue(asked, now=now + HOUR, customer_contact_email=address)

    asked.refresh_from_db()
    assert asked.customer_contact_email == address
    assert Link.objects.get().cause_of_death(now + HOUR) == "replaced"
    assert history_of(asked) == ["create", "request_consent", "edit_contacts", "queue_send"]
    release_queued(now=now + DAY)
    assert Message.objects.latest("pk").to == address


def test_contacts_that_are_edited_later_get_the_queued_request(asked, now):
    queue(asked, now=now + HOUR)
    address = f"later.{asked.customer_contact_email}"
    contacts.edit(asked, by=asked.created_by, now=now + 2 * HOUR, customer_contact_email=address)

    release_queued(now=now + DAY)

    assert Message.objects.latest("pk").to == address


def test_request_that_can_leave_now_is_sent_and_not_queued(asked, now):
    assert queue(asked, now=now + DAY) is None

    assert Message.objects.count() == 2
    assert QueuedSend.objects.count() == 0


def test_first_request_is_never_queued(now):
    claim = make_claim(now=now)

    with pytest.raises(Refused, match="Enter the deal size"):
        queue(claim, now=now)

    assert (QueuedSend.objects.count(), Message.objects.count()) == (0, 0)


def test_queueing_twice_is_one_row_and_one_line(asked, now):
    first, second = queue(asked, now=now + HOUR), queue(asked, now=now + 2 * HOUR)

    assert first == second == QueuedSend.objects.get()
    assert history_of(asked).count("queue_send") == 1


def test_colleague_who_queues_as_well_takes_it_over(asked, now):
    queue(asked, now=now + HOUR)
    colleague = colleague_of(asked)
    queue(asked, now=now + 2 * HOUR, by=colleague)
    LocationRole.objects.filter(user=asked.created_by).delete()

    assert QueuedSend.objects.get().by == colleague
    assert release_queued(now=now + DAY) == 1
    assert asked.events.first().user == colleague


def test_request_that_would_leave_after_the_deadline_is_refused_at_once_and_saves_nothing(now):
    claim = make_claim(now=now)
    late = claim.expires_at - HOUR
    ask(claim, now=late)
    name = claim.customer_contact_name

    with pytest.raises(Refused, match=rf"deadline of {claim.expires_at:%Y-%m-%d %H:%M:%S} UTC"):
        queue(claim, now=late + SECOND, customer_contact_name="Somebody Else")

    claim.refresh_from_db()
    assert claim.customer_contact_name == name
    assert QueuedSend.objects.count() == 0


@pytest.mark.parametrize(("before", "queued"), [(DAY, False), (DAY + SECOND, True)])
def test_deadline_itself_is_too_late(now, before, queued):
    """What may leave at the deadline cannot leave: the claim expires at that instant (DL-4)."""
    claim = make_claim(now=now)
    ask(claim, now=claim.expires_at - before)
    claim.refresh_from_db()

    assert (queued_sends.too_late(claim, SendCap.objects.get().open_from) == "") is queued


def test_page_that_is_out_of_date_queues_nothing(asked, now):
    with pytest.raises(ChangedMeanwhile):
        queue(asked, now=now + HOUR, revision=asked.revision + 1)

    assert QueuedSend.objects.count() == 0


def test_queueing_past_the_deadline_lets_the_claim_expire(asked, now):
    with pytest.raises(DeadlinePassed):
        queue(asked, now=now + 30 * DAY)

    asked.refresh_from_db()
    assert asked.status == Status.CONSENT_EXPIRED


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in {Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT}]
)
def test_nothing_is_queued_in_another_status(status, now):
    claim = claim_at(status, now=now)
    SendCap.objects.filter(subject_id=claim.pk).delete()
    SendCap.take(KIND, claim.pk, now=now)

    with pytest.raises(Refused):
        queue(claim, now=now)

    assert QueuedSend.objects.count() == 0


def test_taken_back_request_is_not_sent(asked, now):
    queue(asked, now=now + HOUR)
    colleague = colleague_of(asked)

    queued_sends.take_back(asked, KIND, by=colleague, now=now + 2 * HOUR)

    assert release_queued(now=now + DAY) == 0
    assert Message.objects.count() == 1
    assert history_of(asked) == ["create", "request_consent", "queue_send", "take_back_send"]
    assert asked.events.first().user == colleague


def test_what_is_not_queued_cannot_be_taken_back(asked, now):
    with pytest.raises(Refused, match="no longer queued"):
        queued_sends.take_back(asked, KIND, by=asked.created_by, now=now + HOUR)

    assert history_of(asked) == ["create", "request_consent"]


def test_person_without_the_role_can_neither_queue_nor_take_back(asked, now):
    stranger = UserFactory(partner=asked.partner)
    with pytest.raises(RoleGone):
        queue(asked, now=now + HOUR, by=stranger)
    queue(asked, now=now + HOUR)
    with pytest.raises(RoleGone):
        queued_sends.take_back(asked, KIND, by=stranger, now=now + HOUR)

    assert QueuedSend.objects.count() == 1


def test_request_sent_by_hand_meanwhile_takes_the_queued_one_with_it(asked, now):
    queue(asked, now=now + HOUR)

    ask(asked, now=now + DAY)

    assert QueuedSend.objects.count() == 0
    assert release_queued(now=now + DAY) == 0
    assert Message.objects.count() == 2


# --- what no longer fits at the instant of the release ---


def answer(claim: Claim, now: datetime) -> None:
    lifecycle.give_consent(claim, now=now)


def cancel(claim: Claim, now: datetime) -> None:
    lifecycle.cancel(claim, by=claim.created_by, now=now)


def lose_the_role(claim: Claim, now: datetime) -> None:
    LocationRole.objects.filter(user=claim.created_by).delete()


def deactivate(claim: Claim, now: datetime) -> None:
    User.objects.filter(pk=claim.created_by_id).update(is_active=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (answer, "the status “Customer consent received”"),
        (cancel, "the status “Cancelled”"),
        (lose_the_role, "no longer acts for this location"),
        (deactivate, "no longer acts for this location"),
    ],
)
def test_what_no_longer_fits_is_not_sent_and_the_history_says_why(asked, now, change, words):
    queue(asked, now=now + HOUR)
    change(asked, now + 2 * HOUR)
    before = Message.objects.filter(kind=KIND).count()

    assert [release_queued(now=now + DAY) for _ in range(2)] == [0, 0]

    assert words in why_not(asked)
    assert Message.objects.filter(kind=KIND).count() == before
    assert QueuedSend.objects.count() == 0


def test_role_that_stayed_behind_at_the_vendor_sends_nothing(asked, now):
    """The role is judged as the pages judge it: staff see no claim, whatever rows they still have (A08)."""
    queue(asked, now=now + HOUR)
    staff = StaffFactory()
    QueuedSend.objects.update(by=staff)
    LocationRole.objects.create(user=staff, location=asked.location, role=LocationRole.Role.USER)

    release_queued(now=now + DAY)

    assert "no longer acts for this location" in why_not(asked)
    assert Message.objects.count() == 1


def test_claim_whose_deadline_has_passed_expires_and_sends_nothing(asked, now):
    queue(asked, now=now + HOUR)

    release_queued(now=asked.expires_at)

    asked.refresh_from_db()
    assert asked.status == Status.CONSENT_EXPIRED
    assert "The deadline of this claim passed" in why_not(asked)
    assert Message.objects.count() == 1


def test_mail_that_breaks_off_holds_no_other_back(now, monkeypatch):
    claims = [make_claim(now=now) for _ in range(3)]
    for claim in claims:
        ask(claim, now=now)
        queue(Claim.objects.get(pk=claim.pk), now=now + HOUR)
    post = requests.post

    def broken(claim: Claim, *, now: datetime) -> None:
        if claim.pk == claims[0].pk:
            raise ValueError
        post(claim, now=now)

    monkeypatch.setattr(requests, "post", broken)

    assert release_queued(now=now + DAY) == 2
    assert QueuedSend.objects.get().claim == claims[0]
    assert SendCap.objects.get(subject_id=claims[0].pk).open_from == now + DAY

    monkeypatch.setattr(requests, "post", post)
    assert release_queued(now=now + DAY) == 1


def test_what_waits_is_shown_only_while_it_may_still_be_sent(asked, now):
    queued = queue(asked, now=now + HOUR)
    assert queued_sends.waiting(asked, now=now + HOUR) == {KIND: queued}

    lifecycle.give_consent(asked, now=now + 2 * HOUR)

    assert queued_sends.waiting(asked, now=now + 2 * HOUR) == {}
    with pytest.raises(NotAllowed):
        queued_sends.take_back(asked, KIND, by=asked.created_by, now=now + 2 * HOUR)


def test_history_lines_say_what_was_done():
    labels = [ClaimEvent.Action(action).label for action in ("queue_send", "take_back_send", "give_up_send")]
    assert labels == ["Email queued", "Queued email taken back", "Queued email not sent"]
