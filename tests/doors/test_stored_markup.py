"""Markup typed into every text field, then every page, fragment and letter looked at: it is text everywhere (I05)."""

import re
from collections.abc import Callable
from functools import cache

import pytest
from django.http import HttpResponse

from mail.delivery import render
from mail.models import Message
from tests.breadth import everybody
from tests.doors.law import PEOPLE

from .filled_forms import FilledForm, filled_forms
from .knocking import content, knock
from .scene import Scene
from .walking import walk

pytestmark = pytest.mark.django_db
CANARY = "<qx>'\"&amp;</qx>"
RAW, ESCAPED = re.compile(r"<qx>"), re.compile(r"&lt;qx&gt;")
LEAST_SHOWN = 5
SHOWN = [who for who in PEOPLE if who not in {"gone", "roleless"}]
FIRST = {"nobody", "user", "admin", "owner"}


def typed(form: FilledForm) -> list[str]:
    """The text fields of a form that take the canary when everything else is right."""
    fields, taken = form.fields(), []
    for name, value in fields.items():
        if isinstance(value, str) and not value.isdigit():
            answer = knock(form.browser, "POST", form.path, fields | {name: f"{value} {CANARY}"})
            taken += [name] * (answer.status_code in {200, 302})
    return taken


@pytest.fixture(scope="module")
def marked(scene) -> Scene:
    """The scene with markup in every text that can be typed."""
    place = scene.location
    for row, names in (
        (place, ("name", "city")),
        (place.partner, ("name",)),
        (scene.people["user"], ("full_name",)),
        (scene.people["admin"], ("full_name",)),
        (scene.engagement, ("name", "description", "workload")),
        (scene.terms, ()),
    ):
        for name in names:
            setattr(row, name, f"{getattr(row, name)} {CANARY}"[:80])
        if names:
            row.save()
    for claim in scene.at.values():
        claim.customer.organization.name = f"Numbat {CANARY}"
        claim.customer.organization.save()
        type(claim).objects.filter(pk=claim.pk).update(name=f"Quokka {CANARY}", partner_contact_name=CANARY)
    for form in filled_forms(scene).values():
        typed(form)
    return scene


@pytest.fixture(scope="module")
def pages(marked) -> Callable[[str], dict[str, str]]:
    """Every page that somebody reaches, walked once."""

    @cache
    def reached(who: str) -> dict[str, str]:
        return {address: page(answer) for address, answer in walk(marked.browser(who)).items()}

    return reached


@pytest.mark.parametrize("who", everybody(SHOWN, first=FIRST))
def test_markup_that_was_typed_is_text_on_every_page(pages, who):
    assert [address for address, page in pages(who).items() if RAW.search(page)] == []


@pytest.mark.parametrize("who", ["user", "owner"])
def test_the_markup_does_stand_on_the_pages(pages, who):
    """Else the test above would prove nothing."""
    assert sum(bool(ESCAPED.search(page)) for page in pages(who).values()) >= LEAST_SHOWN


def test_markup_that_was_typed_is_text_in_every_letter(marked):
    letters = [render(message) for message in Message.objects.select_related("link")]

    assert [letter.subject for letter in letters if RAW.search(letter.html)] == []
    assert any(ESCAPED.search(letter.html) for letter in letters)
    assert not any("\n" in letter.subject or "\r" in letter.subject for letter in letters)


@pytest.mark.urls("tests.doors.careless_urls")
def test_control_a_page_that_trusts_what_was_typed_is_found(marked):
    claim = next(iter(marked.at.values()))

    assert RAW.search(page(knock(marked.browser("user"), "GET", f"/claims/{claim.pk}/unscoped/")))


def page(answer: HttpResponse) -> str:
    html = answer.get("Content-Type", "").startswith("text/html")
    return content(answer).decode(errors="replace") if html and not answer.streaming else ""
