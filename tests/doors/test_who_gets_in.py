"""Every address, every kind of person, every method: who gets in, and what everybody else learns and changes (A01)."""

from collections.abc import Collection
from contextlib import nullcontext

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.breadth import everybody, one_of_each

from .knocking import METHODS, SAFE, Written, counted, knock, told, undone
from .law import CELLS, PEOPLE, TABLE, Door
from .routes import Route, routes
from .scene import STAFF, WORDS_OF_CLAIMS, WORDS_OF_ENGAGEMENT, WORDS_OF_PEOPLE, Scene

pytestmark = pytest.mark.django_db
ASKED = ("GET", "POST")
OTHERS = tuple(method for method in METHODS if method not in ASKED)
CARELESS = "tests.doors.careless_urls"
# The demo mailbox shows every mail to everybody, which is what it is for; it exists in demo mode only.
MAILBOX = {"mail:inbox", "mail:read"}


def hidden_from(who: str) -> tuple[str, ...]:
    """The words that must reach this person through no door at all."""
    # The names of colleagues stand on the pages of an Account Admin, and in the audit.
    people = () if who in {"admin", "auditor"} else WORDS_OF_PEOPLE
    if who in {"user", "admin"}:
        return people
    claims = () if who in set(STAFF) - {"owner"} else WORDS_OF_CLAIMS
    return people + (claims if who in STAFF else claims + WORDS_OF_ENGAGEMENT)


def findings(scene: Scene, who: str, found: list[Route], methods: Collection[str] = METHODS) -> str:
    """Everything that is not as the tables say when this person tries these methods at every door."""
    browser, trouble = scene.browser(who), []
    with counted() as written:
        for route in found:
            if route.name not in TABLE:
                trouble.append(f"{route.name} stands in no table")
                continue
            for method in methods:
                found_wrong = wrong(scene, browser, who, method, route, written)
                trouble += [f"{who} {method} {route.name}: {it}" for it in found_wrong]
    return "\n".join(trouble)


def wrong(scene: Scene, browser: Client, who: str, method: str, route: Route, written: Written) -> list[str]:
    """What is not as it should be when one person tries one method at one door."""
    door, trouble = TABLE[route.name], []
    with nullcontext() if method in SAFE else undone():
        answer = knock(
            browser, method, scene.path(route), scene.body(route.name) if method == "POST" else None
        )
        wrote = written.since()
        if answer.status_code not in door.answers_to(who, method):
            trouble.append(f"{answer.status_code} instead of {sorted(door.answers_to(who, method))}")
        if asks_to_sign_in(answer) != door.asks_to_sign_in(who):
            trouble.append(f"leads to {answer.get('Location')}")
        if route.name not in MAILBOX:
            trouble += [f"tells {word}" for word in told(answer, hidden_from(who))]
    return trouble + wrong_writes(door, who, method, wrote)


def wrong_writes(door: Door, who: str, method: str, wrote: int) -> list[str]:
    may = method == "POST" and door.lets_in(who)
    if wrote and not may:
        return [f"wrote {wrote} rows"]
    return ["did nothing, so this try proves nothing"] if may and door.acts and not wrote else []


def asks_to_sign_in(answer: HttpResponse) -> bool:
    return answer.get("Location", "").startswith(f"{reverse('incentives:sign_in')}?next=")


COLUMNS = {who: [cells[who] for cells in CELLS.values()] for who in PEOPLE}


@pytest.mark.parametrize("who", everybody(PEOPLE, first=one_of_each(COLUMNS)))
def test_everybody_gets_exactly_what_the_table_says(scene, who):
    assert findings(scene, who, routes(), ASKED) == ""


@pytest.mark.parametrize("who", everybody(PEOPLE, first={"stranger"}))
def test_no_other_method_opens_or_changes_anything(scene, who):
    assert findings(scene, who, routes(), OTHERS) == ""


def test_the_table_has_no_door_that_is_not_there():
    assert set(TABLE) - {route.name for route in routes()} == (set() if settings.DEMO else MAILBOX)


@pytest.mark.urls(CARELESS)
def test_control_a_door_that_finds_a_claim_by_its_number_alone_is_reported(scene, monkeypatch):
    monkeypatch.setitem(TABLE, "unscoped", Door("claim", {"GET": "200", "POST": ".", "other": "."}))
    careless = [route for route in routes() if route.name == "unscoped"]

    told_to_stranger = findings(scene, "stranger", careless).splitlines()

    assert "stranger GET unscoped: 200 instead of [404]" in told_to_stranger
    assert "stranger GET unscoped: tells Quokka" in told_to_stranger


@pytest.mark.urls(CARELESS)
def test_control_a_door_that_stands_in_no_table_is_reported_by_its_name(scene):
    assert "unprotected stands in no table" in findings(scene, "nobody", routes()).splitlines()
