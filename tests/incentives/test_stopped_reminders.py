"""Whoever wants no more reminders gets none, by one click and without an account; every other mail still comes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from claims import digests, notices, reminders
from claims.models import Claim
from claims.states import Status as S
from mail import delivery
from mail.delivery import render
from mail.models import Message, ReminderWish
from tests.browsers import PlainBrowser
from tests.factories import claim_at, make_claim
from tests.pages import words

pytestmark = pytest.mark.django_db
PRIYA = "priya@partner.example"


def with_ten_days_left(now) -> Claim:
    """A claim whose partner contact is Priya, who has no account."""
    claim = make_claim(now=now - timedelta(days=20))
    Claim.objects.filter(pk=claim.pk).update(partner_contact_email="PRIYA@partner.example")
    return claim


@pytest.fixture
def reminder(now) -> Message:
    claim = with_ten_days_left(now)
    reminders.send_reminders(now=now)
    return Message.objects.get(about=claim.pk, to=PRIYA)


@pytest.fixture
def path(reminder, settings) -> str:
    return reminder.quiet_url.removeprefix(settings.PORTAL_URL)


@pytest.fixture
def program():
    """A mail program: no cookies, no token."""
    return PlainBrowser(enforce_csrf_checks=True)


def reminded(now) -> set[str]:
    """Whom the reminders of two more claims reach."""
    known = set(Message.objects.filter(kind__startswith="reminder").values_list("pk", flat=True))
    with_ten_days_left(now)
    claim_at(S.AWAITING_CONSENT, now=now, age=timedelta(days=20))
    reminders.send_reminders(now=now)
    new = Message.objects.filter(kind__startswith="reminder").exclude(pk__in=known)
    return {letter.to for letter in new}


def test_one_click_stops_reminders_to_that_address_alone(program, path, now):
    answer = program.post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "You receive no more reminders" in words(answer)
    told = reminded(now)
    assert PRIYA not in told
    assert len(told) >= 3


def test_who_has_stopped_nothing_is_reminded(path, now):
    assert PRIYA in reminded(now)


def test_looking_stops_nothing(program, path):
    for answer in (program.get(path), program.head(path)):
        assert answer.status_code == 200
    assert "Do you want no more reminders?" in words(program.get(path))
    assert not ReminderWish.objects.exists()


def test_asked_twice_it_is_stopped_once(program, path):
    assert [program.post(path).status_code for _ in range(2)] == [200, 200]
    assert ReminderWish.objects.get().address == PRIYA


def test_reminders_come_again_to_who_asks_for_them(program, path, now):
    page = program.post(path)
    numbered, _slash, key = path.rstrip("/").rpartition("/")
    again = f"{numbered}/again/{key}/"
    assert program.post(again).status_code == 403
    assert ReminderWish.objects.exists()

    token = page.content.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = program.post(again, {"csrfmiddlewaretoken": token})

    assert (answer.status_code, answer["Location"]) == (302, path)
    assert not ReminderWish.objects.exists()
    assert PRIYA in reminded(now)


def test_what_was_agreed_still_comes(program, path, now):
    program.post(path)
    claim = with_ten_days_left(now)
    claim.refresh_from_db()

    notices.approved(claim, now=now)

    letter = Message.objects.get(to=PRIYA, kind="claim_approved")
    assert not letter.is_unwanted


def test_a_reminder_that_waits_in_the_queue_does_not_leave_any_more(program, reminder, path, now):
    program.post(path)

    assert not delivery.deliver(reminder.pk, now=now)

    reminder.refresh_from_db()
    assert (reminder.state, reminder.answer) == ("failed", "Not sent: its recipient wants no more reminders.")


def test_the_link_in_the_mail_of_the_day_stops_it(program, now, settings):
    claim = with_ten_days_left(now)
    reader = claim.created_by
    ReminderWish.choose(reader.email, "daily", now=now)
    at_six = (now + timedelta(days=1)).replace(hour=6)
    digests.send_digests(now=at_six)
    digest = Message.objects.get(to=reader.email, kind="reminder_digest")

    answer = program.post(digest.quiet_url.removeprefix(settings.PORTAL_URL))

    assert "You receive no more reminders" in words(answer)
    assert ReminderWish.of(reader.email) == "none"
    assert not delivery.deliver(digest.pk, now=at_six)


@pytest.mark.parametrize("kind", Message.Kind.values)
def test_only_reminders_can_be_stopped(reminder, kind):
    reminder.kind = kind
    assert bool(reminder.quiet_url) is kind.startswith("reminder")


def test_the_key_of_one_opens_nothing_for_another(program, path, reminder):
    other = Message.objects.exclude(to=reminder.to).first()
    key = path.rstrip("/").rpartition("/")[2]

    for wrong in (f"/reminders/{other.pk}/{key}/", f"/reminders/{reminder.pk}/{'0' * 32}/"):
        assert program.post(wrong).status_code == 404
    assert "This link is not known here" in words(program.get(f"/reminders/{other.pk}/{key[:-1]}/"))
    assert not ReminderWish.objects.exists()


def test_wrong_keys_are_slowed_down_and_right_ones_never(program, path, reminder):
    codes = [program.get(f"/reminders/{reminder.pk}/{n:032x}/").status_code for n in range(31)]

    assert codes == [404] * 30 + [429]
    assert program.get(path).status_code == 200


@pytest.mark.parametrize(
    "changed", [lambda it: f"{it.rstrip('/')}>./", lambda it: it.replace(it[-33:], it[-33:].upper())]
)
def test_what_mail_programs_make_of_a_link_is_forgiven(program, path, changed):
    assert program.post(changed(path)).status_code == 200
    assert ReminderWish.objects.exists()


def test_a_link_outlives_its_secret_while_that_is_a_fallback(program, path, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert program.post(path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert program.post(path).status_code == 404


def test_the_letter_names_the_way_out(reminder):
    letter = render(reminder)
    assert reminder.quiet_url in letter.text
    assert reminder.quiet_url in letter.html


def test_addresses_are_kept_in_small_letters(now):
    with pytest.raises(IntegrityError, match="reminder_wish_in_small_letters"):
        ReminderWish.objects.create(address="Priya@partner.example", how="none", since=now)
