"""Hostile words in every parameter of every page and every field of every form: no error, no echo, no header (I01).

Nor do they become SQL: they reach the database as values, never as part of a statement (I04).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.breadth import everybody, in_full, some

from .filled_forms import FilledForm
from .knocking import content, knock, undone
from .scene import Scene
from .walking import links, walk

pytestmark = pytest.mark.django_db
MARKUP = """'"><qx onmouseover=alert(1)>"""
EVERY_PAYLOAD = {
    "markup": MARKUP,
    "script": "</script><script>qx()</script>",
    "template": "{{ 7919|add:7907 }}{% qx %}${7919+7907}",
    "header": "x\r\nX-Injected: yes",
    "sql": "' OR 1=1; SELECT pg_sleep(9) --",
    "path": "../../../../etc/passwd",
    "format": "%s%n%(qx)s{0.__class__}",
    "json": '{"$gt": "", "__proto__": {}}',
    "number": "1e309",
    "negative": "-9223372036854775809",
    "not a number": "NaN",
    "full-width": "１２３",
    "direction": "\u202egnp.exe\u200b\ufeff",
    "long": "qx" * 3000,
    "emoji": "👩‍👩‍👧" * 300,
    "lookup": "location__partner__people__password__startswith",
}
FIRST = {"markup", "template", "header", "sql", "long"}
PAYLOADS = {what: EVERY_PAYLOAD[what] for what in some(EVERY_PAYLOAD, first=FIRST)}
ROLES = ("nobody", "admin", "lead", "owner")
# What every list might be asked besides its own parameters.
ALWAYS = ("page", "sort", "next", "area", "o", "e")
NAMED = re.compile(r"""<(?:input|select|textarea)\b[^>]*\bname="([^"]+)""")
# Of the payloads, what no statement of the portal's own holds.
NO_SQL = re.compile(r"qx|pg_sleep|OR 1=1|\$gt|etc/passwd|7919[|+]|startswith", re.IGNORECASE)
# Two answers that differ by less show the same rows: only what was asked is said again, in links.
SAME_LENGTH = 200
# What only a list asks for.
LISTS = {"search", "q"}
LOOKUPS = (
    "location__partner__name",
    "created_by__password__startswith",
    "id__in",
    "_popup",
    "_to_field",
)


def wrong(answer: HttpResponse) -> list[str]:
    """What an answer to a payload must never be."""
    page = content(answer).decode(errors="replace")
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    found += ["said again as it came"] * ("<qx" in page or "<script>qx" in page)
    found += ["a header of the sender's"] * (
        "X-Injected" in answer or answer.get("X-Echo", "nothing") != "nothing"
    )
    return found + ["the template ran"] * ("15826" in page)


@contextmanager
def spoken() -> Iterator[list[str]]:
    """The statements that had a payload in their text."""
    heard: list[str] = []

    def listen(execute: Callable, sql: str, params: object, many: bool, context: object) -> object:
        if found := NO_SQL.search(str(sql)):
            heard.append(str(sql)[max(found.start() - 60, 0) : found.end() + 60])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield heard


def trouble_with(answers: Callable[[], HttpResponse]) -> list[str]:
    """What is wrong with an answer to a payload, and with what the database was asked for it."""
    with spoken() as statements:
        found = wrong(answers())
    return found + [f"became SQL: {sql}" for sql in statements]


def parameters(page: str) -> set[str]:
    """The names that a page's forms and links send, and some that it does not know."""
    asked = {
        part.partition("=")[0]
        for link in links("/", page)
        for part in urlsplit(link).query.split("&")
        if part
    }
    return {*NAMED.findall(page), *asked, *ALWAYS} - {"csrfmiddlewaretoken"}


def pages(scene: Scene, who: str) -> dict[str, set[str]]:
    """One address of each page that this person can open, with its parameters."""
    found: dict[str, set[str]] = {}
    start = "/sign-in/" if who == "nobody" else "/"
    for address, answer in walk(scene.browser(who), start).items():
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            path = urlsplit(address).path
            found.setdefault(path, set()).update(parameters(unescape(content(answer).decode())))
    return found


def asked(browser: Client, path: str, names: Iterable[str]) -> Iterator[str]:
    """Every payload in all parameters of a page at once, as a page and as a fragment."""
    for what, payload in PAYLOADS.items():
        query = urlencode(dict.fromkeys(names, payload))
        headers = {"HX-Request": "true"} if what == "markup" else {}
        for asks in ({}, headers) if headers else ({},):
            if trouble := trouble_with(partial(knock, browser, "GET", path, query=query, headers=asks)):
                yield f"{path} {what}: {trouble}"


def sent(form: FilledForm) -> Iterator[str]:
    """Every payload in all fields of a form at once; the long way also markup in each alone."""
    fields = form.fields()
    tries = [(what, dict.fromkeys(fields, payload)) for what, payload in PAYLOADS.items()]
    tries += [(name, fields | {name: MARKUP}) for name in fields if in_full()]
    for what, typed in tries:
        with undone():
            trouble = trouble_with(partial(knock, form.browser, "POST", form.path, typed))
        if trouble:
            yield f"{form.path} {what}: {trouble}"


@pytest.mark.long
@pytest.mark.parametrize("who", everybody(ROLES, first={"nobody", "admin", "owner"}))
def test_no_parameter_of_any_page_breaks_it_or_is_said_again(scene, who):
    browser = scene.browser(who)

    assert [
        it for path, names in pages(scene, who).items() for it in asked(browser, path, sorted(names))
    ] == []


@pytest.mark.long
def test_no_field_of_any_form_breaks_it_or_is_said_again(distinct_forms):
    assert [trouble for form in distinct_forms.values() for trouble in sent(form)] == []


@pytest.mark.long
@pytest.mark.parametrize("who", everybody(["lead", "owner", "admin"], first={"admin"}))
def test_no_lookup_in_the_address_reaches_what_the_list_does_not_show(scene, who):
    """An address that asks for a column by way of others answers as if it had asked for nothing, or refuses (A04)."""
    browser = scene.browser(who)
    for path in (path for path, names in pages(scene, who).items() if names & LISTS):
        for lookup in some(LOOKUPS, first=["created_by__password__startswith"]):
            answers = [knock(browser, "GET", path, query=f"{lookup}={value}") for value in ("a", "zz")]
            assert {answer.status_code for answer in answers} <= {200, 302, 400, 404, 405, 422}
            lengths = [len(content(answer)) for answer in answers]
            assert max(lengths) - min(lengths) < SAME_LENGTH, (path, lookup)


@pytest.mark.urls("tests.doors.careless_urls")
def test_control_a_page_that_says_again_what_it_was_asked_is_found(scene):
    assert list(asked(scene.browser("user"), "/echoed/", ["words"]))


@pytest.mark.urls("tests.doors.careless_urls")
def test_control_a_page_that_makes_sql_of_what_it_was_asked_is_found(scene):
    found = list(asked(scene.browser("user"), "/spliced/", ["words"]))

    assert [it for it in found if "became SQL" in it and "pg_sleep(9)" in it]
