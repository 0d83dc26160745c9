"""Every page before there is a claim, as an admin, a user of two locations and somebody without a role see it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from . import steps

ADMIN, USER, NOBODY = "admin@fridayinc.example", "user@fridayinc.example", "nobody@fridayinc.example"
LAS_VEGAS = "FridayINC, US, Las Vegas (5272302)"
WORKSHOP = "Enable Frontline Workshop"


def rows(page: Page) -> Locator:
    return page.locator("main tbody tr")


def choose(page: Page, *filters: str) -> None:
    """In the Filter sheet."""
    page.get_by_role("button", name="Filter").click()
    for name in filters:
        page.locator("#filter").get_by_label(name, exact=True).check()
    page.locator("#filter").get_by_role("button", name="Apply").click()


def open_list(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", name=re.compile(rf"\b{name}$"), level=1)).to_be_visible()


def test_the_overview_shows_an_admin_every_location_and_what_to_do(visitor):
    page = visitor().sign_in(ADMIN)
    open_list(page, "Overview")

    expect(page.get_by_text("Total earned")).to_be_visible()
    expect(page.get_by_text("Total paid")).to_be_visible()
    choose(page, "Invited")
    expect(page.get_by_role("link", name="Enroll").first).to_be_visible()
    expect(rows(page).filter(has_text="Las Vegas")).to_have_count(0)
    page.get_by_role("link", name="Remove filter Status: Invited").click()
    steps.search(page, "las vegas")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).get_by_role("rowheader")).to_contain_text(LAS_VEGAS)


def test_the_overview_shows_a_user_two_locations_and_nothing_to_sign(visitor):
    page = visitor().sign_in(USER)
    open_list(page, "Overview")

    expect(rows(page)).to_have_count(2)
    for place in ("Las Vegas", "Budapest"):
        expect(rows(page).filter(has_text=place)).to_have_count(1)
    expect(page.get_by_role("link", name="Enroll", exact=True)).to_have_count(0)
    steps.search(page, "beijing")
    expect(page.get_by_text("No location matches")).to_be_visible()


@pytest.mark.parametrize(("email", "of"), [(ADMIN, r"\d{2}"), (USER, "2")])
def test_engagements_are_filtered_searched_and_sorted_in_the_address(visitor, email, of):
    page = visitor().sign_in(email)
    open_list(page, "MCI engagements")

    steps.search(page, "frontline")
    row = rows(page).filter(has_text=WORKSHOP)
    expect(row).to_contain_text(re.compile(rf"\d+ of {of}\b"))
    expect(row).to_contain_text("Active")
    page.get_by_role("columnheader", name="Eligibility").get_by_role("link").click()
    page.wait_for_url("**/*sort=*")
    expect(page.get_by_role("columnheader", name="Eligibility")).to_have_attribute(
        "aria-sort", re.compile(".")
    )
    page.reload()
    expect(rows(page).filter(has_text=WORKSHOP)).to_have_count(1)
    page.get_by_role("navigation", name="Solution area").get_by_role("link", name="Azure").click()
    choose(page, "Active")
    page.wait_for_url("**/*status=active*")
    expect(rows(page).first).to_contain_text("Active")


@pytest.mark.parametrize("email", [ADMIN, USER])
def test_a_figure_leads_to_the_criteria_of_each_location(visitor, email):
    page = visitor().sign_in(email)
    open_list(page, "MCI engagements")
    steps.search(page, "frontline")
    rows(page).filter(has_text=WORKSHOP).get_by_role("link", name=re.compile(r"^\d+ of \d+")).click()

    expect(page.get_by_role("heading", name=f"{WORKSHOP} | Eligibility")).to_be_visible()
    expect(rows(page).filter(has_text="Las Vegas")).to_have_count(1)
    expect(rows(page).filter(has_text="Beijing")).to_have_count(0)
    rows(page).filter(has_text="Las Vegas").get_by_role(
        "button", name=re.compile("^(Eligible|Ineligible)")
    ).click()
    criteria = page.get_by_role("dialog", name="Eligibility requirements")
    expect(criteria.get_by_text("Eligibility status is updated daily")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("email", "matters"),
    [
        (ADMIN, ["Locations to enroll", "Bank and tax details incomplete", "Consent not requested"]),
        (USER, ["Consent not requested", "Partner action required"]),
    ],
)
def test_what_needs_attention_leads_to_where_it_is_done(visitor, email, matters):
    page = visitor().sign_in(email)
    open_list(page, "MCI engagements")
    page.get_by_role("link", name=re.compile(r"^Attention required \([\d,]+\)")).click()

    for matter in matters:
        expect(page.get_by_role("heading", name=re.compile(f"^{matter}"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Locations to enroll"))).to_have_count(
        int(email == ADMIN)
    )
    page.get_by_role("main").get_by_role("link", name=re.compile("^30[0-9]{5}")).first.click()
    expect(page.get_by_role("heading", name=re.compile(r"^Claim \d{7} \| "))).to_be_visible()


def test_the_summary_tells_a_user_what_is_paid_and_gives_the_current_template(visitor):
    page = visitor().sign_in(USER)
    open_list(page, "MCI engagements")
    steps.search(page, "frontline")
    page.get_by_role("link", name=WORKSHOP, exact=True).click()

    expect(page.get_by_role("heading", name=f"{WORKSHOP} | Summary")).to_be_visible()
    for words in ("Market A", "Market B", "Market C", "Claim timeline", "Proof of execution"):
        expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("main").get_by_role(
            "link", name=re.compile(r"^Download .*, version \d+$")
        ).first.click()
    assert download.value.suggested_filename


@pytest.mark.parametrize("entry", ["Overview", "MCI engagements", "Customer claims"])
def test_somebody_without_a_role_reads_which_is_missing_and_who_can_give_it(visitor, entry):
    page = visitor().sign_in(NOBODY)
    page.get_by_role("link", name=entry, exact=True).first.click()

    expect(page.get_by_text("You have no incentive role yet")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="admin@fridayinc.example")).to_be_visible()
    expect(page.locator("main table")).to_have_count(0)
