from urllib.parse import quote, urlsplit

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.test import Client

from incentives.views import sign_in
from tests.browsers import Browser
from tests.factories import StaffFactory, UserFactory
from tests.factories.incentives import PASSWORD
from tests.pages import words

pytestmark = pytest.mark.django_db
DOOR = "/sign-in/"


@pytest.fixture
def user(location):
    return UserFactory(partner=location.partner, email="priya@fridayinc.example")


def enter(client: Client, **typed: str):
    return client.post(DOOR, {"email": "priya@fridayinc.example", "password": PASSWORD} | typed)


def test_right_words_open_the_portal(client, user):
    response = enter(client, email="PRIYA@FridayINC.example")

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.get("/").headers["Location"] == "/incentives/"
    assert client.get("/incentives/").status_code == 200


def test_staff_come_to_their_desk(client):
    StaffFactory(email="priya@fridayinc.example")

    enter(client)

    assert client.get("/").headers["Location"] == "/desk/"


@pytest.mark.parametrize(
    "typed",
    [
        {"password": "wrong"},
        {"email": "nobody@fridayinc.example"},
        {"password": ""},
        {"email": "x"},
        {"email": "a\0@b.example"},
    ],
)
def test_wrong_words_are_refused_in_the_same_words(client, user, typed):
    response = enter(client, **typed)

    assert response.status_code == 422
    assert "_auth_user_id" not in client.session
    if typed.get("password") or typed.get("email", "").startswith("nobody"):
        assert "The e-mail address or the password is not right. Check both and try again." in words(response)


def test_people_who_left_cannot_sign_in(client, user):
    user.is_active = False
    user.save()

    assert enter(client).status_code == 422


LOCAL = [
    "/engagements/",
    "/claims/?area=azure&sort=-id",
    "/%2f%2fevil.example",
    "/x:y@evil.example",
    "/javascript:alert(1)",
]
FOREIGN = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/incentives/",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\t/evil.example",
    "\r\n//evil.example",
    "\x00//evil.example",
    "%2f%2fevil.example",
    "",
]


@pytest.mark.parametrize("wanted", LOCAL)
@pytest.mark.parametrize("way", ["form", "address"])
def test_sign_in_leads_on_to_a_page_of_the_portal(client, user, wanted, way):
    response = (
        enter(client, next=wanted)
        if way == "form"
        else client.post(f"{DOOR}?next={quote(wanted, safe='')}", {"email": user.email, "password": PASSWORD})
    )

    target = urlsplit(response.headers["Location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert response.headers["Location"].startswith(wanted.split("?")[0].split(":")[0])


@pytest.mark.parametrize("wanted", FOREIGN)
@pytest.mark.parametrize("way", ["form", "address"])
def test_sign_in_never_leads_elsewhere(client, user, wanted, way):
    """Whatever the form, the address or the headers name (I06)."""
    headers = {
        "Referer": "https://evil.example/",
        "HX-Request": "true",
        "HX-Current-URL": "https://evil.example/",
    }
    data = {"email": user.email, "password": PASSWORD} | ({"next": wanted} if way == "form" else {})
    address = DOOR if way == "form" else f"{DOOR}?next={quote(wanted, safe='')}"
    if way == "address" and "\x00" in wanted:
        assert client.post(address, data).status_code == 400
        return
    shown = client.get(address)

    response = client.post(address, data, headers=headers)

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert not {"HX-Redirect", "HX-Location", "HX-Refresh"} & set(response.headers)
    assert b"evil" not in shown.content and b'name="next"' not in shown.content


def test_the_form_keeps_where_one_wanted_to_go(client, user):
    field = b'<input type="hidden" name="next" value="/engagements/?area=azure">'

    assert (
        client.get("/engagements/?area=azure").headers["Location"]
        == "/sign-in/?next=/engagements/%3Farea%3Dazure"
    )
    assert field in client.get("/sign-in/?next=/engagements/%3Farea%3Dazure").content
    assert field in enter(client, password="wrong", next="/engagements/?area=azure").content


def test_guessing_is_slowed_down_per_person_and_place(client, user):
    tries = [enter(client, password="wrong").status_code for _n in range(sign_in.TRIES_PER_PERSON)]

    assert tries == [422] * sign_in.TRIES_PER_PERSON
    refused = enter(client)
    assert refused.status_code == 429
    assert "Too many tries. Wait 15 minutes, then try again." in words(refused)
    assert enter(Browser(REMOTE_ADDR="192.0.2.7")).status_code == 302


def test_a_claimed_place_does_not_help_guessing(client, user):
    for n in range(sign_in.TRIES_PER_PERSON):
        enter(client, password="wrong")
        forwarded = client.post(
            DOOR, {"email": user.email, "password": "wrong"}, headers={"X-Forwarded-For": f"192.0.2.{n}"}
        )

    assert forwarded.status_code == 429


def test_behind_the_proxy_the_place_is_what_the_proxy_wrote(client, user, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def enter_from(forwarded: str, password: str):
        data = {"email": user.email, "password": password}
        return client.post(DOOR, data, headers={"X-Forwarded-For": forwarded}).status_code

    for n in range(sign_in.TRIES_PER_PERSON):
        enter_from(f"10.0.0.{n}, 192.0.2.1", "wrong")

    assert enter_from("10.9.9.9, 192.0.2.1", PASSWORD) == 429
    assert enter_from("10.0.0.1, 192.0.2.2", PASSWORD) == 302


def test_spraying_from_one_place_is_slowed_down_but_good_sign_ins_are_not(client, user, monkeypatch):
    monkeypatch.setattr(sign_in, "FAILURES_PER_PLACE", 5)

    assert [enter(Browser()).status_code for _n in range(8)] == [302] * 8
    spray = [enter(client, email=f"guess{n}@x.example", password="x").status_code for n in range(7)]

    assert spray == [422] * 5 + [429] * 2


def test_sign_in_works_while_the_cache_is_out_of_reach(client, user, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }

    assert enter(client).status_code == 302


def test_demo_accounts_are_named_in_the_demo_only(client, settings):
    settings.DEMO = True
    assert "user@fridayinc.example" in words(client.get(DOOR))
    settings.DEMO = False
    assert "fridayinc" not in words(client.get(DOOR))


def test_signing_out_takes_a_post_and_ends_the_session(client, user):
    enter(client)

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == DOOR
    assert "You are signed out." in words(client.get(DOOR))
    assert client.get("/incentives/").headers["Location"].startswith(DOOR)


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)(DOOR).status_code == 405


def test_control_without_the_check_of_the_address_sign_in_leads_elsewhere(client, user, monkeypatch):
    monkeypatch.setattr(sign_in, "url_has_allowed_host_and_scheme", lambda *_, **__: True)

    assert enter(client, next="//evil.example").headers["Location"] == "//evil.example"


def test_signing_in_again_makes_a_new_session(client, user):
    enter(client)
    before = client.session.session_key
    enter(client)

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_control_without_a_new_key_a_copied_session_survives(client, user, monkeypatch):
    enter(client)
    before = client.session.session_key
    monkeypatch.setattr(SessionBase, "cycle_key", lambda _session: None)
    enter(client)

    assert client.session.session_key == before
