"""Adding customers by every kind of ID, for several engagements, by the hour, and again (WIZ-1 to WIZ-8)."""

import re

import pytest
from playwright.sync_api import Page, expect

from . import steps

ADMIN, USER = "admin@fridayinc.example", "user@fridayinc.example"
GUID = "Enter an ID of 32 digits"
# What is typed for each ID type: wrong with what is said of it, unknown, and right (WIZ-2, WIZ-3).
AZURE = {
    "TPID": ("49-83154", "digits", "999999999999", "4983154"),
    "Azure subscription ID": (
        "786c982b",
        GUID,
        "786c982b-e136-5af0-ac32-000000000000",
        "786c982b-e136-5af0-ac32-d8cd5bc6b945",
    ),
}
BUSINESS = {
    "Domain name": ("https://wingtiptoys.com", "Enter the domain only", "nobody.example", "wingtiptoys.com"),
    "Tenant ID": (
        "0e3078f5-13e0",
        GUID,
        "0e3078f5-13e0-5a67-a318-000000000000",
        "0E3078F5-13e0-5a67-a318-beae1c092b9c",
    ),
    "TPID": AZURE["TPID"],
    "Opportunity ID": ("OPP 1", "Opportunity ID", "OPP-00000000", "OPP-19299891"),
}


def open_from_claims(page: Page, area: str) -> None:
    """The wizard for a whole solution area, by way of Customer claims (CLM-3)."""
    page.get_by_role("link", name="Customer claims").first.click()
    page.get_by_role("main").get_by_role("link", name=area, exact=True).click()
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", name="Add customer |")).to_be_visible()


def press_next(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def finish(page: Page) -> list[str]:
    """The numbers of the new claims."""
    page.get_by_role("button", name="Add Customer", exact=True).click()
    dialog = page.locator("dialog")
    expect(dialog.get_by_text("Customer successfully claimed")).to_be_visible()
    numbers = dialog.get_by_role("link", name=re.compile(r"^\d{7}$")).all_inner_texts()
    page.get_by_role("link", name="Done").click()
    return numbers


def cancel(page: Page, number: str) -> None:
    steps.open_claim(page, number)
    page.get_by_role("link", name="Cancel claim").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel claim").click()
    expect(page.locator("#claim").get_by_text("Cancelled").first).to_be_visible()


@pytest.mark.parametrize(("area", "kinds"), [("Azure", AZURE), ("Business Applications", BUSINESS)])
def test_each_id_type_right_and_wrong(visitor, area, kinds):
    page = visitor().sign_in(ADMIN)
    open_from_claims(page, area)
    options = page.get_by_role("combobox", name="Customer ID type").locator("option").all_inner_texts()
    assert set(options) == set(kinds)
    page.get_by_role("textbox", name="Claim name").fill("By every ID")
    steps.choose_location(page, "Las Vegas")
    typed = page.get_by_role("textbox", name="Customer ID", exact=True)

    for kind, (wrong, said, unknown, right) in kinds.items():
        page.get_by_role("combobox", name="Customer ID type").select_option(label=kind)
        for value, words in ((wrong, said), (unknown, "was found")):
            typed.fill(value)
            page.get_by_role("button", name="Next").click()
            expect(page.get_by_role("dialog").get_by_text(words).first).to_be_visible()
            expect(typed).to_have_value(value)
        typed.fill(right)
        press_next(page, "Associate engagement")
        page.get_by_role("button", name="Previous").click()
        expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()


def test_three_engagements_in_one_pass(visitor):
    page = visitor().sign_in(ADMIN)
    first, *more = (
        "Microsoft Viva Insights Workshop",
        "Microsoft Syntex Workshop",
        "Endpoint Management Workshop",
    )
    steps.open_wizard(page, first)
    steps.fill_customer(page, "Three at once", "proseware.com")
    press_next(page, "Associate engagement")
    expect(page.get_by_role("checkbox", name=first)).to_be_checked()
    for name in more:
        page.get_by_role("checkbox", name=name).check()
    press_next(page, "Contact Information")
    steps.fill_contacts(page, "Three at once", "proseware.com")
    press_next(page, "Review and complete")
    for name in (first, *more):
        expect(page.get_by_role("dialog").get_by_text(name)).to_be_visible()

    numbers = finish(page)

    assert len(set(numbers)) == 3
    for number in numbers:
        steps.open_claim(page, number)
        expect(page.get_by_text("Customer claimed").first).to_be_visible()


def test_a_variable_payout_for_an_opportunity(visitor):
    page = visitor().sign_in(USER)
    open_from_claims(page, "Business Applications")
    page.get_by_role("textbox", name="Claim name").fill("By the hour")
    steps.choose_location(page, "Las Vegas")
    page.get_by_role("combobox", name="Customer ID type").select_option(label="Opportunity ID")
    page.get_by_role("textbox", name="Customer ID", exact=True).fill("OPP-68883654")
    press_next(page, "Associate engagement")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("radio", name="Pre-Sales Variable Envisioning Workshop").check()
    page.get_by_label("Requested hours").fill("0")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("dialog").get_by_text("greater than or equal to 1").first).to_be_visible()
    page.get_by_label("Requested hours").fill("10")
    press_next(page, "Contact Information")
    steps.fill_contacts(page, "By the hour", "tailspintoys.com")
    press_next(page, "Review and complete")
    expect(page.get_by_role("dialog").get_by_text("$1,630.00")).to_be_visible()

    (number,) = finish(page)

    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_text("Requested hours")).to_be_visible()
    expect(page.get_by_text("$1,630.00")).to_be_visible()


def test_claim_customer_and_claim_again(visitor):
    """A known customer is claimed from the Customers page; a claim that came to its end with one click."""
    page = visitor().sign_in(ADMIN)
    steps.open_engagement(page, "Endpoint Management Workshop")
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("button", name="Claim customer A. Datum Corporation").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    customer = page.get_by_role("textbox", name="Customer ID", exact=True)
    expect(customer).to_have_value("adatum.com")
    expect(customer).to_be_disabled()
    press_next(page, "Associate engagement")
    expect(page.get_by_role("checkbox", name="Endpoint Management Workshop")).to_be_checked()
    press_next(page, "Contact Information")
    expect(page.get_by_label("Customer contact email")).to_have_value(re.compile("@adatum.com$"))
    press_next(page, "Review and complete")
    (number,) = finish(page)
    cancel(page, number)

    page.get_by_role("button", name="Claim again").first.click()
    expect(page.get_by_role("heading", name="Review and complete")).to_be_visible()
    (again,) = finish(page)

    assert again != number


def test_what_was_begun_goes_on_in_another_browser(visitor):
    engagement = "Microsoft Syntex Workshop"
    page = visitor().sign_in(USER)
    steps.open_wizard(page, engagement)
    steps.fill_customer(page, "Interrupted", "relecloud.com")
    press_next(page, "Associate engagement")
    press_next(page, "Contact Information")
    page.get_by_label("Customer contact name").fill("Half a")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()

    other = visitor().sign_in(USER)
    steps.open_engagement(other, engagement)
    other.get_by_role("link", name="Customers", exact=True).click()
    other.get_by_role("button", name="Add customer").click()

    expect(other.get_by_text("You go on where you left off.")).to_be_visible()
    expect(other.get_by_role("heading", name="Contact Information")).to_be_visible()
    expect(other.get_by_label("Customer contact name")).to_have_value("Half a")
    steps.fill_contacts(other, "Interrupted", "relecloud.com")
    press_next(other, "Review and complete")
    assert len(finish(other)) == 1


def test_two_tabs_keep_two_runs(visitor):
    """The second tab begins anew; what each of them is told stays its own, and both create a claim."""
    engagement, first = "Executive Order 14028 Workshop", visitor().sign_in(USER)
    steps.open_wizard(first, engagement)
    steps.fill_customer(first, "First tab", "humongousinsurance.com")
    press_next(first, "Associate engagement")
    second = first.context.new_page()
    second.goto("/")
    steps.open_engagement(second, engagement)
    second.get_by_role("link", name="Customers", exact=True).click()
    second.get_by_role("button", name="Add customer").click()
    second.get_by_role("button", name="Start anew").click()
    expect(second.get_by_role("heading", name="Associate customer")).to_be_visible()
    expect(second.get_by_role("textbox", name="Claim name")).to_have_value("")
    steps.fill_customer(second, "Second tab", "lucernepublishing.com")

    created = []
    for page, name, domain in (
        (second, "Second tab", "lucernepublishing.com"),
        (first, "First tab", "humongousinsurance.com"),
    ):
        if page is second:
            press_next(page, "Associate engagement")
        press_next(page, "Contact Information")
        steps.fill_contacts(page, name, domain)
        press_next(page, "Review and complete")
        expect(page.get_by_role("dialog").get_by_text(name)).to_be_visible()
        created += finish(page)

    assert len(set(created)) == 2
