"""A part of a page is asked for alone, and something else comes: it is said beside the work, which stays (I11)."""

import re

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from tests.breadth import everybody

from . import steps
from .visitors import PASSWORD

USER = "user@fridayinc.example"
CLAIM = re.compile(r"/claims/\d+/$")
SCRIPT = re.compile(r"/js/app\b.*\.js$")
WORDS = "The workshop is planned for May."
# What answers in place of the claim with its new comment, and what the person reads then.
TROUBLE = {
    "a role that is gone": (404, "This page was not found"),
    "something that is not allowed": (403, "This is not open to you"),
    "a mistake of ours": (500, "Something went wrong on our side"),
    "a portal being updated": (503, "The portal is not available just now"),
    "a connection that breaks": (None, "The portal did not answer"),
}


def open_a_claim(page: Page) -> None:
    page.goto("/claims/")
    page.get_by_role("rowheader").first.get_by_role("link").click()
    page.wait_for_url(CLAIM)


@pytest.fixture
def claim(visitor) -> Page:
    page = visitor().sign_in(USER)
    open_a_claim(page)
    return page


def comment(page: Page) -> None:
    page.get_by_label("Comment", exact=True).fill(WORDS)
    page.get_by_role("button", name="Save comments").click()


@pytest.mark.parametrize(
    "trouble", everybody(TROUBLE, first={"a mistake of ours", "a connection that breaks"})
)
def test_trouble_is_said_beside_the_work_which_stays(claim, trouble):
    status, told = TROUBLE[trouble]

    def answer(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, content_type="text/html", body=render_to_string(f"{status}.html"))

    claim.route("**/comments/", answer)
    before = claim.get_by_role("main").inner_text()
    comment(claim)

    expect(claim.locator("#toast")).to_contain_text(told)
    expect(claim.get_by_role("button", name="Save comments")).to_be_focused()
    expect(claim.get_by_label("Comment", exact=True)).to_have_value(WORDS)
    assert claim.get_by_role("main").inner_text() == before
    claim.get_by_role("button", name="Close").click()
    expect(claim.locator("#toast")).to_be_hidden()

    claim.unroute("**/comments/")
    claim.get_by_role("button", name="Save comments").click()
    expect(claim.get_by_role("main").get_by_text(WORDS).first).to_be_visible()


def test_who_was_signed_out_signs_in_on_a_page_of_its_own_and_comes_back(claim):
    claim.context.clear_cookies(name="session")
    comment(claim)

    expect(claim.get_by_label("Password")).to_be_visible()
    expect(claim.locator("#sidenav")).to_have_count(0)
    claim.get_by_label("E-mail address").fill(USER)
    claim.get_by_label("Password").fill(PASSWORD)
    claim.get_by_role("button", name="Sign in").click()
    claim.wait_for_url(CLAIM)
    expect(claim.get_by_label("Comment", exact=True)).to_be_visible()


def test_a_browser_that_lost_all_its_cookies_is_told_so_beside_what_was_typed(claim):
    claim.context.clear_cookies()
    comment(claim)

    expect(claim.locator("#toast")).to_contain_text("This form was too old to be sent")
    expect(claim.get_by_label("Comment", exact=True)).to_have_value(WORDS)


def test_control_without_its_script_the_sign_in_page_stands_inside_the_claim(visitor):
    page = visitor().sign_in(USER)

    def careless(route: Route) -> None:
        before, guard, after = route.fetch().text().partition('listen("htmx:beforeSwap"')
        assert guard
        route.fulfill(content_type="text/javascript", body=before + after.partition("});\n")[2])

    page.route(SCRIPT, careless)
    open_a_claim(page)
    page.context.clear_cookies(name="session")
    comment(page)

    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.locator("#sidenav")).to_have_count(1)


def test_back_and_forth_between_steps_show_whole_pages(visitor):
    page = visitor().sign_in(USER)
    steps.open_wizard(page, "Endpoint Management Workshop")
    steps.fill_customer(page, "Back and forth", "contoso.com")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    expect(page.locator("#sidenav")).to_have_count(1)
    page.go_forward()
    expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()
    expect(page.get_by_role("textbox", name="Claim name")).to_have_value("Back and forth")
    expect(page.locator("#sidenav")).to_have_count(1)
