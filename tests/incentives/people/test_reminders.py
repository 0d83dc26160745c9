"""How reminders reach a person is chosen on their account page, and agrees with the link in each reminder."""

from datetime import timedelta

import pytest

from mail.models import Message, ReminderWish
from tests.browsers import PlainBrowser
from tests.factories import StaffFactory
from tests.pages import words

pytestmark = pytest.mark.django_db
PAGE, CHOICE = "/account/", "/account/reminders/"


def chosen(client) -> list[str]:
    """Which of the three the page shows as chosen."""
    form = client.get(PAGE).context["form"]
    return [radio.data["value"] for radio in form["how"] if radio.data["selected"]]


@pytest.fixture
def stop(partner_user, now, settings) -> str:
    """Where a reminder to this person lets its reader stop them; by hand the address was written in capitals."""
    message = Message.objects.create(
        kind="reminder",
        to=partner_user.email.upper(),
        message_id="<1@portal.example>",
        created_at=now,
        next_attempt_at=now,
    )
    return message.quiet_url.removeprefix(settings.PORTAL_URL)


def test_reminders_come_each_by_itself_until_somebody_chooses(signed_in, partner_user):
    assert chosen(signed_in(partner_user)) == ["each"]


@pytest.mark.parametrize("how", ["daily", "none", "each"])
def test_what_is_chosen_is_shown_and_said_once(signed_in, partner_user, now, how):
    client = signed_in(partner_user)
    for before in ("none", "daily", "each"):
        ReminderWish.choose(partner_user.email, before, now=now - timedelta(days=1))

        answer = client.post(CHOICE, {"how": how}, follow=True)

        assert "Your choice of reminders is saved." in words(answer)
        assert chosen(client) == [how]
        kept = ReminderWish.objects.values_list("address", "how")
        assert list(kept) == ([] if how == "each" else [(partner_user.email, how)])


def test_the_page_says_when_the_one_mail_comes(signed_in, partner_user, settings):
    settings.REMINDER_DIGEST_HOUR = 7
    assert "One email a day, after 07:00 UTC" in words(signed_in(partner_user).get(PAGE))


def test_none_and_the_link_in_a_reminder_are_one_choice(signed_in, partner_user, stop):
    client, program = signed_in(partner_user), PlainBrowser(enforce_csrf_checks=True)
    client.post(CHOICE, {"how": "none"})
    assert "You receive no more reminders" in words(program.get(stop))
    client.post(CHOICE, {"how": "daily"})
    assert "Do you want no more reminders?" in words(program.get(stop))

    program.post(stop)

    assert chosen(client) == ["none"]


def test_asking_for_reminders_again_leaves_a_daily_one_daily(signed_in, partner_user, stop):
    numbered, _slash, key = stop.rstrip("/").rpartition("/")
    client = signed_in(partner_user)
    client.post(CHOICE, {"how": "daily"})

    client.post(f"{numbered}/again/{key}/")
    assert chosen(client) == ["daily"]

    client.post(stop)
    client.post(f"{numbered}/again/{key}/")
    assert chosen(client) == ["each"]


@pytest.mark.parametrize("typed", [{}, {"how": "weekly"}, {"how": ""}])
def test_what_nobody_offers_is_refused_and_changes_nothing(signed_in, partner_user, now, typed):
    ReminderWish.choose(partner_user.email, "daily", now=now)

    answer = signed_in(partner_user).post(CHOICE, typed)

    assert answer.status_code == 422
    assert "How reminders reach you" in words(answer)
    assert ReminderWish.of(partner_user.email) == "daily"


def test_one_chooses_for_oneself_alone(signed_in, partner_user, stranger):
    signed_in(partner_user).post(CHOICE, {"how": "none", "address": stranger.email, "email": stranger.email})

    assert list(ReminderWish.objects.values_list("address", flat=True)) == [partner_user.email]


def test_staff_who_are_reminded_of_nothing_are_not_asked(signed_in, partner_user):
    assert "Reminders of deadlines" in words(signed_in(partner_user).get(PAGE))
    assert "Reminders of deadlines" not in words(signed_in(StaffFactory()).get(PAGE))
