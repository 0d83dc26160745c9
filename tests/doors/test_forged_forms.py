"""No page of another site can make a signed-in person's browser act: every address, every way to forge (S07)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart

from mail.models import ReminderWish
from tests.breadth import everybody
from tests.pages import words

from .knocking import knock, undone, writes
from .law import TABLE
from .routes import Route, routes
from .scene import Scene
from .test_who_gets_in import CARELESS

pytestmark = pytest.mark.django_db
SECRET, OTHERS = "a" * 32, "b" * 32
# Who may use a door of this kind, where an Incentive User may not.
WHO = dict.fromkeys(("location", "company", "colleague"), "admin") | {
    "payees": "owner",
    "enrolments": "owner",
    "queue": "owner",
    "steer": "owner",
    "audit": "auditor",
    "publish": "owner",
    "material": "lead",
}
WHO |= dict.fromkeys(("read", "decide", "desk"), "lead") | dict.fromkeys(
    ("catalogue", "record", "edit"), "owner"
)
# A mail program stops reminders for its reader without cookies, and so without a token (RFC 8058): the key in the
# address, which no other site knows, lets it in, and nothing else is done there.
LET_IN_BY_THEIR_KEY = {"door:reminders"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")

Form = dict[str, Any]
# Each way in which another site can try: the form and its token, whose it is, and what the browser adds.
FORGERIES: dict[str, Callable[[Form], dict[str, Any]]] = {
    "without a token": lambda form: {"form": form},
    "with another browser's token": lambda form: {"form": form | {"csrfmiddlewaretoken": OTHERS}},
    "with a token of the wrong length": lambda form: {"form": form | {"csrfmiddlewaretoken": "a" * 31}},
    "from another site": lambda form: signed(form, Origin="https://evil.example"),
    "from a site without a name": lambda form: signed(form, Origin="null"),
    "from our host on another port": lambda form: signed(form, Origin="http://testserver:8443"),
    "as plain text": lambda form: {
        "raw": encode_multipart(BOUNDARY, form | {"csrfmiddlewaretoken": SECRET}),
        "content_type": "text/plain",
    },
    "with the token in the address": lambda form: {"form": form, "query": f"csrfmiddlewaretoken={SECRET}"},
    "over HTTPS without saying from where": lambda form: signed(form) | {"wsgi.url_scheme": "https"},
}

PLAIN = {"without a token", "with another browser's token", "from another site"}


def signed(form: Form, **headers: str) -> dict[str, Any]:
    return {"form": form | {"csrfmiddlewaretoken": SECRET}, "headers": headers}


def who_may(route: Route) -> str:
    """Somebody who may use this door, so that only the forgery stands against the form."""
    kind = TABLE[route.name].kind if route.name in TABLE else "claim"
    return WHO.get(kind, "user")


def forged(scene: Scene, browsers: dict[str, Client], route: Route, method: str, way: str) -> str:
    """What is wrong with the answer to one forged request; an empty string when it is refused without an effect."""
    before, trick = writes(), FORGERIES[way](scene.body(route.name))
    with undone():
        answer = knock(browsers[who_may(route)], method, scene.path(route), **trick)
        wrote = writes() - before
    if answer.status_code != 403 or "This form was too old to be sent" not in words(answer):
        return f"{method} {route.name} {way}: {answer.status_code}"
    return f"{method} {route.name} {way}: wrote {wrote} rows" if wrote else ""


@pytest.fixture
def browsers(scene) -> dict[str, Client]:
    """Strict browsers that hold a token of their own."""
    found = {who: scene.browser(who, strict=True) for who in ("user", *sorted({*WHO.values()}))}
    for browser in found.values():
        browser.cookies[settings.CSRF_COOKIE_NAME] = SECRET
    return found


def findings(scene: Scene, browsers: dict[str, Client], found: list[Route], ways: list[str]) -> list[str]:
    asking = [route for route in found if route.name not in LET_IN_BY_THEIR_KEY]
    tries = [(route, "POST", way) for route in asking for way in ways]
    return [trouble for at in tries if (trouble := forged(scene, browsers, *at))]


@pytest.mark.parametrize("way", everybody(FORGERIES, first=PLAIN))
def test_a_forged_form_is_refused_everywhere(scene, browsers, way):
    assert findings(scene, browsers, routes(), [way]) == []


def test_other_unsafe_methods_are_refused_without_a_token(scene, browsers):
    asking = [route for route in routes() if route.name not in LET_IN_BY_THEIR_KEY]
    tries = [(route, method, "without a token") for route in asking for method in UNSAFE[1:]]
    assert [trouble for at in tries if (trouble := forged(scene, browsers, *at))] == []


def test_a_door_that_asks_for_no_token_does_one_thing_and_no_more(scene, browsers):
    (route,) = [route for route in routes() if route.name in LET_IN_BY_THEIR_KEY]
    kept = [model for model in apps.get_models() if model._meta.managed and model is not ReminderWish]
    before = {model: model.objects.count() for model in kept}

    answer = knock(browsers["user"], "POST", scene.path(route), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, ReminderWish.objects.count()) == (200, 1)
    assert {model: model.objects.count() for model in kept} == before


def test_looking_never_acts(scene, browsers):
    """A link or a picture on another site makes the browser GET any address, with any parameters."""
    before, codes = writes(), {}
    for route in routes():
        query = "answer=yes&text=Forged&action=approve&_method=POST&method=POST&documents=1"
        answer = knock(browsers[who_may(route)], "GET", scene.path(route), query=query)
        codes[route.name] = answer.status_code

    assert writes() == before
    for name, door in TABLE.items():
        if door.answers["GET"] == "." and name in codes:
            assert codes[name] == 405, name


ACTING = sorted(name for name, door in TABLE.items() if door.acts)
# One of a person's own, one of a claim, one of a company, one of the desk.
FIRST = {"incentives:reminders", "claims:comments", "incentives:invite", "admin:claims_claim_decision"}


@pytest.mark.parametrize("name", everybody(ACTING, first=FIRST))
def test_the_same_form_with_its_own_token_is_let_in(scene, browsers, name):
    """Else the tests above would also pass on a portal that refuses everything."""
    (route,) = [route for route in routes() if route.name == name]
    before = writes()

    answer = knock(browsers[who_may(route)], "POST", scene.path(route), **signed(scene.body(name)))

    assert str(answer.status_code) == TABLE[name].answers["POST"]
    assert writes() > before


def test_the_token_may_come_in_the_header_that_the_pages_send(scene, browsers):
    path, form = f"/claims/{scene.claim_for('claims:comments').pk}/comments/", scene.body("claims:comments")
    headers = {"X-CSRFToken": SECRET, "Origin": "http://testserver", "HX-Request": "true"}
    assert knock(browsers["user"], "POST", path, form, headers=headers).status_code == 200


@pytest.mark.urls(CARELESS)
def test_control_a_door_that_asks_for_no_token_is_reported(scene, browsers):
    assert findings(scene, browsers, routes(), ["without a token"]) == [
        "POST unprotected without a token: 200"
    ]


def test_the_cookies_are_not_sent_along_from_other_sites(scene):
    answer: HttpResponse = scene.browser("nobody").get("/sign-in/")
    cookie = answer.cookies[settings.CSRF_COOKIE_NAME]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Lax", True)
    assert (settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_HTTPONLY) == ("Lax", True)
