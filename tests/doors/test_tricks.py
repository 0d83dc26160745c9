"""No way of writing an address, and no header, opens a door that is closed (A01, A05)."""

from collections.abc import Callable, Iterator

import pytest

from tests.breadth import everybody

from .knocking import counted, knock, told, undone, writes
from .law import CELLS, TABLE
from .routes import routes
from .scene import Scene
from .test_who_gets_in import hidden_from

pytestmark = pytest.mark.django_db
# Doors with something behind them that not everybody may see.
GUARDED = {"private", "location", "draft", "claim", "read", "decide", "company", "colleague", "audit"}
WITHOUT = ("nobody", "neighbour", "stranger", "roleless", "owner")
FIRST = {"nobody", "stranger"}

# The address as a server hands it over: percent signs decoded once.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "without its slash": lambda path: path.rstrip("/"),
    "with two slashes at the end": lambda path: f"{path}/",
    "with two slashes at the start": lambda path: f"/{path}",
    "with two slashes inside": lambda path: path.replace("/", "//", 2)[1:],
    "with a session parameter": lambda path: f"{path};jsessionid=1",
    "with a session parameter before the slash": lambda path: f"{path.rstrip('/')};jsessionid=1/",
    "with a dot": lambda path: f"/.{path}",
    "with a dot that is encoded twice": lambda path: f"/%2e{path}",
    "by way of its parent": lambda path: f"/incentives/..{path}",
    "by way of a public door": lambda path: f"/healthz/..{path}",
    "by way of the static files": lambda path: f"/static/..{path}",
    "by way of the static files, encoded twice": lambda path: f"/static/%2e%2e{path}",
    "in capitals": str.upper,
    "with a space": lambda path: f"{path} ",
    "with a file's ending": lambda path: f"{path.rstrip('/')}.json",
    "with backslashes": lambda path: path.replace("/", "\\"),
    "after a host": lambda path: f"http://localhost{path}",
}
HEADERS: dict[str, dict[str, str]] = {
    "as another method": {
        "X-HTTP-Method-Override": "GET",
        "X-HTTP-Method": "GET",
        "X-Method-Override": "GET",
    },
    "from somewhere else, as somebody else, for something else": {
        "X-Original-URL": "/healthz",
        "X-Rewrite-URL": "/healthz",
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/desk",
        "X-Forwarded-User": "1",
        "Remote-User": "1",
        "Authorization": "Basic YWRtaW46YWRtaW4=",
    },
    "from inside the portal": {
        "Referer": "http://localhost/claims/",
        "HX-Request": "true",
        "HX-Boosted": "true",
    },
}


def closed_doors(scene: Scene, who: str) -> Iterator[tuple[str, str]]:
    """The doors that are closed to this person, and their addresses."""
    for route in routes():
        kind = TABLE[route.name].kind
        if kind in GUARDED and CELLS[kind][who] not in {"ok", "302"}:
            yield route.name, scene.path(route)


@pytest.mark.parametrize("who", everybody(WITHOUT, first=FIRST))
def test_no_spelling_of_an_address_opens_a_closed_door(scene, who):
    browser, trouble = scene.browser(who), []
    for name, path in closed_doors(scene, who):
        for trick, spell in SPELLINGS.items():
            answer = knock(browser, "GET", spell(path))
            if answer.status_code not in {301, 302, 400, 403, 404, 405} or told(answer, hidden_from(who)):
                trouble.append(f"{name} {trick}: {answer.status_code} {told(answer, hidden_from(who))}")

    assert trouble == []


@pytest.mark.parametrize("who", everybody(WITHOUT, first=FIRST))
def test_no_header_opens_a_closed_door(scene, who):
    browser, trouble = scene.browser(who), []
    with counted() as written:
        for name, path in closed_doors(scene, who):
            for trick, headers in HEADERS.items():
                for method in ("GET", "POST"):
                    with undone():
                        answer = knock(browser, method, path, scene.body(name), headers=headers)
                    if answer.status_code not in TABLE[name].answers_to(who, method):
                        trouble.append(f"{method} {name} {trick}: {answer.status_code}")
                    wrote = written.since()
                    if told(answer, hidden_from(who)) or wrote:
                        trouble.append(f"{method} {name} {trick}: {told(answer, hidden_from(who))}, or wrote")

    assert trouble == []


@pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path"])
def test_no_header_leads_from_a_public_door_to_a_closed_one(scene, header):
    browser = scene.browser("nobody")
    answers = {
        name: knock(browser, "GET", "/healthz", headers={header: path}).content
        for name, path in closed_doors(scene, "nobody")
    }

    assert set(answers.values()) == {b'{"alive": true}'}


def test_no_header_makes_a_form_of_a_look(scene):
    browser, trouble = scene.browser("user"), []
    for route in routes():
        if TABLE[route.name].kind in {"claim", "location", "draft", "wizard", "account"}:
            before = writes()
            for method in ("POST", "DELETE", "PUT"):
                query = f"_method={method}&text=Forged&answer=yes"
                knock(
                    browser, "GET", scene.path(route), query=query, headers={"X-HTTP-Method-Override": method}
                )
            if writes() != before:
                trouble.append(route.name)

    assert trouble == []
