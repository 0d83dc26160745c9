"""Every address, every kind of person, every method: who gets in, and what everybody else learns and changes (A01)."""

import pytest
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.http import HttpResponse
from django.urls import include, path, reverse

from claims.models import Claim

from .knocking import METHODS, knock, told, undone, writes
from .law import PEOPLE, TABLE, Door
from .routes import Route, routes
from .scene import STAFF, WORDS_OF_CLAIMS, WORDS_OF_ENGAGEMENT, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("doors: who gets in")]
ACTS = {"302", "200"}
# The demo mailbox shows every mail to everybody, which is what it is for; it exists in demo mode only.
MAILBOX = "mail:inbox"


def hidden_from(who: str) -> tuple[str, ...]:
    """The words that must reach this person through no door at all."""
    if who in {"user", "admin"}:
        return ()
    claims = () if who in set(STAFF) - {"owner"} else WORDS_OF_CLAIMS
    return claims if who in STAFF else claims + WORDS_OF_ENGAGEMENT


def findings(scene: Scene, who: str, found: list[Route]) -> list[str]:
    """Everything that is not as the tables say when this person tries every method at every door."""
    browser, trouble = scene.browser(who), []
    for route in found:
        if route.name not in TABLE:
            trouble.append(f"{route.name}: stands in no table")
            continue
        for method in METHODS:
            trouble += [f"{who} {method} {route.name}: {it}" for it in at(scene, browser, who, method, route)]
    return trouble


def at(scene: Scene, browser, who: str, method: str, route: Route) -> list[str]:
    door, before, trouble = TABLE[route.name], writes(), []
    with undone():
        form = scene.body(route.name) if method == "POST" else None
        answer = knock(browser, method, scene.path(route), form)
        wrote = writes() - before
        if answer.status_code not in door.answer(who, method):
            trouble.append(f"{answer.status_code} instead of {sorted(door.answer(who, method))}")
        if asked_in(answer) != (answer.status_code == 302 and not door.lets_in(who) and who in {"nobody", "gone"}):
            trouble.append(f"leads to {answer.get('Location')}")
        if route.name != MAILBOX:
            trouble += [f"tells {word}" for word in told(answer, hidden_from(who))]
    if wrote and not (method == "POST" and door.lets_in(who)):
        trouble.append(f"wrote {wrote} rows")
    if not wrote and method == "POST" and door.lets_in(who) and acts(door):
        trouble.append("did nothing, so this sample proves nothing")
    return trouble


def asked_in(answer: HttpResponse) -> bool:
    return answer.get("Location", "").startswith(f"{reverse('incentives:sign_in')}?next=")


def acts(door: Door) -> bool:
    """Whether a form sent to this door changes something when it is let in."""
    return door.kind not in {"public", "desk", "read", "catalogue"} and door.answers["POST"] in ACTS


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_exactly_what_the_table_says(scene, who):
    assert findings(scene, who, routes()) == []


def test_the_table_has_no_door_that_is_not_there():
    absent = set(TABLE) - {route.name for route in routes()}
    assert absent == (set() if settings.DEMO else {"mail:inbox", "mail:read"})
