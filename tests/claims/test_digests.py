"""One mail a day instead of single reminders: all that comes near until the next, each once (DL-5, BEY-2, F16)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import digests, lifecycle, reminders
from claims.models import Claim, DigestLine
from claims.states import Status as S
from incentives.models import LocationRole, User
from mail.delivery import render
from mail.models import Message, ReminderWish
from tests.factories import LocationFactory, UserFactory, claim_at, give_role, make_claim

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
NEAR = 5.5 * DAY  # told of at seven days, and for a day and more not again


@pytest.fixture
def six() -> datetime:
    """The hour of the digest."""
    return datetime(2027, 5, 10, 6, 0, tzinfo=UTC)


@pytest.fixture
def reader(partner_user, six) -> User:
    """Somebody who reads one mail a day."""
    ReminderWish.choose(partner_user.email, "daily", now=six - 40 * DAY)
    return partner_user


def expiring(reader: User, at: datetime, **facts) -> Claim:
    """A claim that the reader created, whose customer can answer until then."""
    place = reader.location_roles.first().location
    return make_claim(location=place, by=reader, now=at - 30 * DAY, **facts)


def beat(now: datetime) -> None:
    """Both jobs, as they run one after the other."""
    reminders.send_reminders(now=now)
    digests.send_digests(now=now)


def mails(reader: User) -> list[Message]:
    return list(Message.objects.filter(to=reader.email, kind="reminder_digest").order_by("pk"))


def singles(reader: User) -> list[int]:
    return list(Message.objects.filter(to=reader.email, kind="reminder").values_list("about", flat=True))


def told(mail: Message) -> list[int]:
    return [claim["claim_number"] for claim in mail.context["claims"]]


# --- what it says ---


def test_all_that_comes_near_stands_in_one_mail_the_nearest_first(reader, six):
    later, sooner = (expiring(reader, six + days * DAY) for days in (7, 3))
    beat(six - HOUR)
    assert (mails(reader), singles(reader)) == ([], [])

    beat(six)

    (mail,) = mails(reader)
    assert told(mail) == [sooner.pk, later.pk]
    assert mail.subject == "Reminder: 2 claims expire soon, the first on 2027-05-13 06:00 UTC"
    assert (mail.on_behalf_of, mail.about, singles(reader)) == (reader.partner_id, None, [])


def test_each_claim_is_told_with_what_it_lacks_and_where_it_is(reader, six, settings):
    asked = expiring(reader, six + 3 * DAY)
    place = reader.location_roles.first().location
    begun = claim_at(S.CONSENT_RECEIVED, location=place, by=reader, now=six)
    Claim.objects.filter(pk=begun.pk).update(expires_at=six + 7 * DAY)

    beat(six)

    letter = render(mails(reader)[0])
    for claim, deadline in ((asked, "2027-05-13 06:00 UTC"), (begun, "2027-05-17 06:00 UTC")):
        facts = [deadline, claim.customer.organization.name, claim.engagement.name]
        facts += [f"{settings.PORTAL_URL}/claims/{claim.pk}/", str(claim.pk)]
        assert [fact for fact in facts if fact not in letter.text or fact not in letter.html] == []
    lacks = [str(item.label) for item in begun.checklist() if not item.done]
    assert lacks
    for words in ("Missing: Customer consent", f"Missing: {', '.join(lacks)}"):
        assert words in letter.text and words in letter.html


def test_whatever_would_come_until_the_next_one_is_told_in_this_one(reader, six, settings):
    """A last day that begins after the mail of the day would else be told of as it ends."""
    settings.REMINDER_DAYS = [1]
    last = six + DAY + timedelta(minutes=1)
    claim = expiring(reader, last)

    beat(six)

    assert told(mails(reader)[0]) == [claim.pk]


@pytest.mark.parametrize(("left", "is_told"), [(14 * DAY + DAY, True), (14 * DAY + DAY + HOUR, False)])
def test_what_comes_near_only_after_the_next_one_waits_for_it(reader, six, left, is_told):
    expiring(reader, six + left)

    beat(six)

    assert bool(mails(reader)) is is_told


def test_customers_and_others_are_reminded_by_themselves(reader, six):
    place = reader.location_roles.first().location
    contact = "priya@elsewhere.example"
    claim = claim_at(S.AWAITING_CONSENT, location=place, by=reader, now=six, age=23 * DAY)
    Claim.objects.filter(pk=claim.pk).update(partner_contact_email=contact)

    beat(six)

    written = Message.objects.filter(kind__startswith="reminder", about=claim.pk).values_list("to", flat=True)
    assert sorted(written) == sorted([claim.customer_contact_email, contact])
    assert told(mails(reader)[0]) == [claim.pk]


def test_contact_and_creator_of_one_claim_each_have_theirs(reader, six):
    place = reader.location_roles.first().location
    contact = give_role(UserFactory(partner=reader.partner), place)
    ReminderWish.choose(contact.email, "daily", now=six)
    claim = expiring(reader, six + 3 * DAY)
    Claim.objects.filter(pk=claim.pk).update(partner_contact_email=contact.email.upper())

    beat(six)

    assert [told(mail) for who in (reader, contact) for mail in mails(who)] == [[claim.pk], [claim.pk]]
    assert singles(contact) == []


# --- each once ---


def test_each_stage_of_a_deadline_is_told_once_whatever_the_hour_of_the_beat(reader, six):
    claim = expiring(reader, six + 15 * DAY + 9 * HOUR)
    days_left = []
    for hour in range(0, 16 * 24, 4):
        at = six - 5 * HOUR + hour * HOUR
        before = len(mails(reader))
        beat(at)
        days_left += [(claim.expires_at - at).days] * (len(mails(reader)) - before)
    assert days_left == [14, 7, 3, 1]
    assert singles(reader) == []


def test_a_late_beat_skips_no_day_and_repeats_none(reader, six):
    claim = expiring(reader, six + NEAR)
    for hours in (-1, 17, 17.5, 24):
        beat(six + hours * HOUR)
    assert [told(mail) for mail in mails(reader)] == [[claim.pk]]
    assert mails(reader)[0].created_at == six + 17 * HOUR


def test_after_three_days_without_beat_one_mail_leaves_and_names_nothing_that_passed(reader, six):
    gone, near, nearer = (expiring(reader, six + days * DAY) for days in (1.5, 8, 4))
    beat(six - 3 * DAY - HOUR)
    Message.objects.all().delete()

    for minutes in (0, 15, 30):
        beat(six + 2 * DAY + timedelta(minutes=minutes))

    (mail,) = mails(reader)
    assert told(mail) == [nearer.pk, near.pk]
    assert gone.pk not in told(mail)
    assert singles(reader) == []


def test_a_day_has_one_mail_and_what_comes_later_waits_for_the_next(reader, six):
    first = expiring(reader, six + NEAR)
    beat(six)
    second = expiring(reader, six + NEAR)

    beat(six + 5 * HOUR)
    assert [told(mail) for mail in mails(reader)] == [[first.pk]]

    beat(six + DAY)
    assert told(mails(reader)[1]) == [second.pk]


def test_nothing_near_makes_no_mail(reader, six):
    expiring(reader, six + 25 * DAY)
    beat(six)
    assert mails(reader) == []


# --- claims and people that move on ---


def test_a_claim_that_moved_on_before_the_mail_was_written_is_not_in_it(reader, six):
    stays, goes = expiring(reader, six + NEAR), expiring(reader, six + NEAR)
    beat(six - HOUR)
    assert DigestLine.objects.to_tell().count() == 2
    lifecycle.cancel(goes, by=reader, now=six)

    beat(six)

    assert [told(mail) for mail in mails(reader)] == [[stays.pk]]


def test_where_all_moved_on_no_mail_is_written(reader, six):
    claim = expiring(reader, six + NEAR)
    beat(six - HOUR)
    lifecycle.cancel(claim, by=reader, now=six)
    beat(six)
    assert mails(reader) == []


def test_a_claim_that_its_reader_sees_no_more_is_not_in_it(reader, six):
    mine, elsewhere = expiring(reader, six + NEAR), LocationFactory(partner=reader.partner)
    give_role(reader, elsewhere)
    lost = make_claim(location=elsewhere, by=reader, now=six + NEAR - 30 * DAY)
    beat(six - HOUR)
    LocationRole.objects.filter(location=elsewhere).delete()

    beat(six)

    assert [told(mail) for mail in mails(reader)] == [[mine.pk]]
    assert lost.pk not in singles(reader)


def test_who_is_named_in_a_claim_that_they_do_not_see_is_reminded_by_itself(reader, six):
    elsewhere = make_claim(now=six - 27 * DAY)
    Claim.objects.filter(pk=elsewhere.pk).update(partner_contact_email=reader.email)

    beat(six)

    assert (mails(reader), singles(reader)) == ([], [elsewhere.pk])


def test_who_is_deactivated_has_no_mail_of_the_day(reader, six):
    expiring(reader, six + NEAR)
    beat(six - HOUR)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    beat(six)
    assert mails(reader) == []


# --- who changes the choice ---


def test_who_chose_the_mail_of_the_day_is_not_told_again_of_what_came_by_itself(reader, six):
    ReminderWish.choose(reader.email, "each", now=six - DAY)
    before = expiring(reader, six + NEAR)
    beat(six - HOUR)
    assert singles(reader) == [before.pk]
    ReminderWish.choose(reader.email, "daily", now=six)
    after = expiring(reader, six + NEAR)

    beat(six)

    assert [told(mail) for mail in mails(reader)] == [[after.pk]]


@pytest.mark.parametrize(("how", "mailed"), [("each", 1), ("none", 0)])
def test_what_waits_for_the_mail_of_the_day_leaves_as_its_reader_chose_meanwhile(reader, six, how, mailed):
    claim = expiring(reader, six + NEAR)
    beat(six - 2 * HOUR)
    ReminderWish.choose(reader.email, how, now=six - HOUR)

    for minutes in (-45, -30, 0, 15):
        beat(six + timedelta(minutes=minutes))

    assert singles(reader) == [claim.pk] * mailed
    assert mails(reader) == []


def test_what_the_mail_of_the_day_has_told_does_not_come_by_itself_later(reader, six):
    claim = expiring(reader, six + 3 * DAY + 5 * HOUR)
    beat(six)
    assert [told(mail) for mail in mails(reader)] == [[claim.pk]]
    ReminderWish.choose(reader.email, "each", now=six + HOUR)

    beat(six + 5 * HOUR)
    assert singles(reader) == []

    beat(six + 2 * DAY + 5 * HOUR)
    assert singles(reader) == [claim.pk]


def test_choosing_to_and_fro_repeats_nothing(reader, six):
    claim = expiring(reader, six + NEAR)
    for minutes, how in enumerate(["daily", "each", "none", "daily", "each", "daily"]):
        ReminderWish.choose(reader.email, how, now=six + timedelta(minutes=minutes))
        beat(six + timedelta(minutes=minutes))
    assert [told(mail) for mail in mails(reader)] == [[claim.pk]]
    assert singles(reader) == []


# --- addresses where none arrives ---


def test_no_more_leave_where_the_last_one_came_back_until_they_are_chosen_again(reader, six):
    expiring(reader, six + NEAR)
    beat(six)
    Message.objects.filter(kind="reminder_digest").update(state="failed", bounced_at=six + HOUR)
    expiring(reader, six + NEAR)
    beat(six + DAY)
    assert len(mails(reader)) == 1

    ReminderWish.choose(reader.email, "daily", now=six + DAY + HOUR)
    claim = expiring(reader, six + NEAR)
    beat(six + DAY + 2 * HOUR)

    assert told(mails(reader)[1]) == [claim.pk]


def test_a_claim_of_which_mail_came_back_there_is_left_out(reader, six):
    lost, fine = expiring(reader, six + 3 * DAY), expiring(reader, six + 3 * DAY)
    Message.objects.create(
        kind="claim_approved",
        to=reader.email,
        about=lost.pk,
        state="failed",
        bounced_at=six,
        message_id="<1@portal.example>",
        created_at=six,
        next_attempt_at=six,
    )

    beat(six)

    assert [told(mail) for mail in mails(reader)] == [[fine.pk]]


# --- many ---


def queries(now: datetime) -> int:
    with CaptureQueriesContext(connection) as asked:
        digests.send_digests(now=now)
    return len(asked)


def test_more_readers_and_claims_cost_no_query_of_their_own(reader, six):
    place = reader.location_roles.first().location
    expiring(reader, six + 3 * DAY)
    for_one = queries(six)
    nothing = queries(six)
    for _n in range(3):
        other = give_role(UserFactory(partner=reader.partner), place)
        ReminderWish.choose(other.email, "daily", now=six)
        for _m in range(2):
            expiring(other, six + 3 * DAY)

    assert (queries(six), queries(six)) == (for_one, nothing)
    assert sorted(len(told(mail)) for mail in Message.objects.filter(kind="reminder_digest")) == [1, 2, 2, 2]


def test_more_than_a_batch_of_readers_and_claims_are_all_told(reader, six, monkeypatch):
    monkeypatch.setattr(digests, "BATCH", 2)
    place = reader.location_roles.first().location
    people = [reader] + [give_role(UserFactory(partner=reader.partner), place) for _n in range(4)]
    for person in people:
        ReminderWish.choose(person.email, "daily", now=six)
        for _n in range(3):
            expiring(person, six + 3 * DAY)

    assert digests.send_digests(now=six) == 5
    assert [len(told(mail)) for person in people for mail in mails(person)] == [3] * 5


def test_the_hour_is_that_of_utc_wherever_the_clock_hangs(reader, six, settings):
    settings.REMINDER_DIGEST_HOUR = 23
    expiring(reader, six + 3 * DAY)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert digests.send_digests(now=(six + 16.9 * HOUR).astimezone(ZoneInfo(zone))) == 0
    assert digests.send_digests(now=(six + 17 * HOUR).astimezone(ZoneInfo("Pacific/Kiritimati"))) == 1
    assert digests.send_digests(now=(six + 17.5 * HOUR).astimezone(ZoneInfo("Etc/GMT+12"))) == 0
