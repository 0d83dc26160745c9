"""Forgotten passwords: the same answer for every address, one use, one hour, and no way in by itself (L14)."""

import re
from datetime import timedelta
from itertools import count
from statistics import median
from time import perf_counter

import pytest
from django.conf import settings as installed
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incentives.models import ResetRequest, User
from incentives.people import passwords, standing
from incentives.views import passwords as views
from mail.delivery import render
from mail.models import Link, Message
from tests.browsers import Browser
from tests.factories import StaffFactory, UserFactory
from tests.factories.incentives import PASSWORD
from tests.pages import words

from .conftest import CHOSEN, NEW, invited, open_link, reset_link, told

pytestmark = pytest.mark.django_db
DOOR = "/password-reset/"


def ask(address: str, client: Client | None = None, **more):
    return (client or Browser()).post(DOOR, {"email": address}, **more)


def queries_of(address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert ask(address).status_code == 302
    return [query["sql"].replace(address, "?") for query in captured.captured_queries]


def work(address: str) -> tuple[int, list[str]]:
    """Which tables an answer reads and writes, in which order."""
    sent = [re.sub(r'"s\d+_x\d+"', "", sql).partition("(")[0] for sql in queries_of(address)]
    return len(sent), sent


@pytest.fixture
def everybody(admin, colleague, now) -> dict[str, str]:
    gone = UserFactory(partner=colleague.partner, email="gone@fridayinc.example")
    standing.deactivate(gone, by=admin, now=now)
    return {
        "known": colleague.email,
        "unknown": "unknown@nowhere.example",
        "deactivated": gone.email,
        "invited": invited(admin, now=now).email,
        "staff": StaffFactory().email,
    }


def test_known_and_unknown_addresses_get_the_same_answer_by_the_same_work(everybody):
    answers, works = {}, {}
    for who, address in everybody.items():
        page = Browser().post(DOOR, {"email": address}, follow=True)
        answers[who] = (page.redirect_chain, words(page), dict(page.headers) | {"Expires": ""})
        ResetRequest.objects.all().delete()
        works[who] = work(address)

    assert answers == dict.fromkeys(everybody, answers["known"])
    assert works == dict.fromkeys(everybody, works["known"])
    assert answers["known"][0] == [("/password-reset/sent/", 302)]


def ratio_of_times(one: str, other: str, *, pairs: int) -> float:
    """How much longer the answer to one address takes: of pairs asked next to each other, each in turn the first.

    What else a machine does slows down both of a pair, and by chance one or the other.
    """
    client, ratios = Browser(), []
    for pair in range(pairs):
        taken = {}
        for address in (one, other) if pair % 2 else (other, one):
            cache.clear()
            began = perf_counter()
            ask(address, client)
            taken[address] = perf_counter() - began
            ResetRequest.objects.all().delete()
        ratios.append(taken[one] / taken[other])
    return median(ratios)


def test_the_time_tells_nothing(everybody):
    assert 1 / 1.2 < ratio_of_times(everybody["known"], everybody["unknown"], pairs=200) < 1.2


@pytest.fixture
def at_once(monkeypatch):
    """A portal whose request looks the person up by itself, each time an hour after the last."""
    hours = count(1)

    def ask_and_answer(address, *, now):
        ResetRequest.objects.create(address=address, at=now)
        passwords.answer_reset_requests(now=now + timedelta(hours=next(hours)))

    monkeypatch.setattr(views.passwords, "ask_for_reset", ask_and_answer)


@pytest.mark.usefixtures("at_once")
def test_control_answering_at_once_tells_known_from_unknown(everybody):
    assert ratio_of_times(everybody["known"], everybody["unknown"], pairs=30) > 1.2
    assert work(everybody["known"]) != work(everybody["unknown"])


def test_only_active_people_with_a_password_are_written_to(everybody, now):
    for address in everybody.values():
        ask(address.upper())
    before = set(Message.objects.values_list("pk", flat=True))

    assert passwords.answer_reset_requests(now=now) == len(everybody)

    letters = Message.objects.exclude(pk__in=before)
    assert {letter.to for letter in letters} == {everybody["known"], everybody["staff"]}
    assert {letter.kind for letter in letters} == {"password_reset"}
    assert ResetRequest.objects.count() == 0


def test_asking_twice_before_an_answer_is_one_request(colleague):
    assert [ask(colleague.email).status_code for _ in range(2)] == [302, 302]
    assert ResetRequest.objects.count() == 1


def test_nobody_can_kill_the_link_in_the_newest_letter_by_asking_at_once(colleague, now):
    link = reset_link(colleague, now=now)

    again = reset_link(colleague, now=now + timedelta(minutes=9))
    newer = reset_link(colleague, now=now + timedelta(minutes=10))

    link.refresh_from_db()
    assert again == link
    assert (newer == link, link.cause_of_death(now)) == (False, "replaced")
    assert Link.objects.filter(subject_id=colleague.pk, revoked_at=None).count() == 1


def test_the_letter_carries_the_link_to_the_one_address_of_the_portal(colleague, now):
    link = reset_link(colleague, now=now)
    letter = render(Message.objects.get())

    assert link.url.startswith(f"{installed.PORTAL_URL}/password-reset/")
    assert link.url in letter.text and link.url in letter.html
    assert link.expires_at == now + timedelta(hours=1)


def test_a_new_password_is_set_once_and_nobody_is_signed_in(colleague, client, now):
    link = reset_link(colleague, now=now)
    address = open_link(client, link)

    answer = client.post(address, CHOSEN)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    assert "Your new password is saved." in words(client.get("/sign-in/"))
    assert client.get("/account/").status_code == 302
    assert User.objects.get(pk=colleague.pk).check_password(NEW)
    assert told(colleague) == [("password_changed", "", "")]
    assert Message.objects.filter(kind="password_changed", to=colleague.email).count() == 1
    assert client.post(address, {"new_password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert User.objects.get(pk=colleague.pk).check_password(NEW)


def test_a_link_dies_after_one_hour(colleague, now):
    link = reset_link(colleague, now=now)

    with pytest.raises(passwords.LinkDied):
        passwords.reset(link, NEW, now=now + timedelta(hours=1))
    passwords.reset(link, NEW, now=now + timedelta(minutes=59, seconds=59))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"again": "something else"}, "The two passwords are not the same."),
        ({"new_password": "short", "again": "short"}, "at least 12 characters"),
        ({"new_password": "password1234", "again": "password1234"}, "too common"),
        ({"new_password": "noah@fridayinc", "again": "noah@fridayinc"}, "too similar"),
        ({"new_password": "", "again": ""}, "required"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_lives_on(colleague, client, now, typed, said):
    link = reset_link(colleague, now=now)
    address = open_link(client, link)

    refused = client.post(address, CHOSEN | typed)

    assert refused.status_code == 422
    assert said in words(refused)
    link.refresh_from_db()
    assert link.used_at is None
    assert client.post(address, CHOSEN).status_code == 302


def test_asking_is_slowed_down_by_address_and_place_and_locks_nobody_out(colleague, client):
    answers = [ask(colleague.email, client).status_code for _ in range(views.REQUESTS_PER_PERSON + 1)]

    assert answers == [302] * views.REQUESTS_PER_PERSON + [429]
    assert ask(colleague.email, REMOTE_ADDR="192.0.2.7").status_code == 302
    entered = Browser().post("/sign-in/", {"email": colleague.email, "password": PASSWORD})
    assert entered.status_code == 302


def test_asking_for_many_addresses_from_one_place_is_slowed_down(client, db):
    answers = [ask(f"guess{n}@x.example", client).status_code for n in range(views.REQUESTS_PER_PLACE + 1)]

    assert answers == [302] * views.REQUESTS_PER_PLACE + [429]


@pytest.mark.parametrize(
    "address", ["", "x", "a@b", "a\r\nBcc: b@c.example@d.example", "x" * 250 + "@a.example"]
)
def test_what_is_no_address_is_said_so(client, db, address):
    assert ask(address, client).status_code == 422
    assert ResetRequest.objects.count() == 0


POISONED = [
    {"Host": "evil.example"},
    {"Host": "evil.example:80"},
    {"Host": "localhost.evil.example"},
    {"Host": "localhost@evil.example"},
    {"Host": "testserver", "X-Forwarded-Host": "evil.example"},
    {"Host": "testserver", "X-Forwarded-Server": "evil.example"},
    {"Host": "testserver", "X-Host": "evil.example", "X-Original-Host": "evil.example"},
    {"Host": "testserver", "Forwarded": "host=evil.example;proto=https"},
    {"Host": "testserver", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1337"},
    {"Host": "testserver", "Origin": "https://evil.example", "Referer": "https://evil.example/"},
]


@pytest.mark.parametrize("headers", POISONED, ids=str)
def test_no_header_changes_where_the_links_of_letters_lead(admin, colleague, headers, now):
    """L13, for the request of a reset and for an invitation."""
    ask(colleague.email, headers=headers)
    passwords.answer_reset_requests(now=now)
    signed_in = Browser()
    signed_in.force_login(admin)
    guest = {"full_name": "Gerda Guest", "email": "guest@fridayinc.example"}
    signed_in.post("/account/users/invitation/", guest, headers=headers)

    letters = [render(message) for message in Message.objects.all()]
    expected = 0 if "evil" in headers["Host"] else 2
    assert len(letters) == expected
    assert [letter for letter in letters if "evil" in letter.text + letter.html] == []
    assert all(f"{installed.PORTAL_URL}/" in letter.text for letter in letters)


def test_control_links_built_from_the_request_would_lead_elsewhere(colleague, now, settings):
    settings.PORTAL_URL = "https://evil.example"
    reset_link(colleague, now=now)
    assert "evil.example" in render(Message.objects.get()).text
