"""What people do again and again on a journey, by the labels they see."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.text import slugify
from playwright.sync_api import Page, expect

from incentives.management.walk import sheet

from .post import PostOffice
from .visitors import Visitor


@dataclass(frozen=True)
class Case:
    """A claim on its journey: its number, what it is for, and the customer contact that only it writes to."""

    number: str
    engagement: str
    contact: str


def search(page: Page, words: str) -> None:
    """In the list on the page."""
    box = page.get_by_role("main").get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")
    page.wait_for_url("**/*search=*")


def open_engagement(page: Page, engagement: str) -> None:
    """From the navigation to the engagement's Summary page."""
    page.get_by_role("link", name="MCI engagements").first.click()
    search(page, engagement)
    page.get_by_role("link", name=engagement, exact=True).click()
    expect(page.get_by_role("heading", name=f"{engagement} | Summary")).to_be_visible()


def open_wizard(page: Page, engagement: str) -> None:
    """From the navigation to the first step of Add customer, by way of the engagement's Customers page."""
    press_add_customer(page, engagement)
    expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()


def press_add_customer(page: Page, engagement: str) -> None:
    open_engagement(page, engagement)
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("button", name="Add customer").click()


def add_customer(page: Page, engagement: str, domain: str, name: str, *, scripts: bool = True) -> Case:
    """Through the four steps of the wizard from an engagement's Customers page, anew if a run was left behind."""
    press_add_customer(page, engagement)
    expect(page.get_by_role("list", name="Steps")).to_be_visible()
    if (anew := page.get_by_role("button", name="Start anew")).count():
        anew.click()
    expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()
    if scripts:
        expect(page.get_by_role("button", name="Next")).to_be_disabled()
    fill_customer(page, name, domain)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    expect(page.get_by_role("checkbox", name=engagement)).to_be_checked()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Contact Information")).to_be_visible()
    contact = fill_contacts(page, name, domain)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Review and complete")).to_be_visible()
    expect(page.get_by_text(name)).to_be_visible()
    page.get_by_role("button", name="Add Customer", exact=True).click()
    expect(page.locator("dialog").get_by_text("Customer successfully claimed")).to_be_visible()
    number = page.locator("dialog").get_by_role("link").first.inner_text()
    page.get_by_role("link", name="Done").click()
    return Case(number, engagement, contact)


def fill_customer(page: Page, name: str, domain: str) -> None:
    page.get_by_role("textbox", name="Claim name").fill(name)
    choose_location(page, "Las Vegas")
    page.get_by_label("Customer ID type").select_option(label="Domain name")
    page.get_by_role("textbox", name="Customer ID", exact=True).fill(domain)


def fill_contacts(page: Page, name: str, domain: str) -> str:
    """Names somebody at the customer whom only this claim writes to; gives the address."""
    contact = f"{slugify(name)}@{domain}"
    page.get_by_label("Customer contact name").fill("Susie Jones")
    page.get_by_label("Customer contact email").fill(contact)
    page.get_by_label("Customer contact work title").fill("IT Manager")
    return contact


def choose_location(page: Page, city: str) -> None:
    select = page.get_by_label("Partner location")
    option = select.locator("option").filter(has_text=city).first
    select.select_option(value=option.get_attribute("value"))


def open_claim(page: Page, number: str) -> None:
    page.get_by_role("link", name="Customer claims").first.click()
    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("heading", name=f"Claim {number}")).to_be_visible()


def request_consent(page: Page, number: str) -> None:
    """The four steps of the consent request (CON-1)."""
    open_claim(page, number)
    page.get_by_role("link", name="Send email for customer consent").first.click()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Deal size").fill("5000")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send for consent").click()
    expect(page.locator("dialog").get_by_text("Consent email successfully sent to customer")).to_be_visible()
    page.get_by_role("link", name="Done").click()


def answer_consent(page: Page, link: str, *, yes: bool = True) -> None:
    page.goto(link)
    page.get_by_label("Yes" if yes else "No", exact=True).check()
    if not yes:
        page.get_by_label("Partner is unknown").check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you")).to_be_visible()


def consent(customer: Visitor, post: PostOffice, case: Case) -> None:
    """The customer opens the mailed link and says yes."""
    subject = f"Action required: Confirm participation in the {case.engagement}"
    answer_consent(customer.page, post.letter(case.contact, subject).link)


def complete(customer: Visitor, post: PostOffice, page: Page, case: Case, folder: Path) -> None:
    """Everything the tracker asks for: both documents, both surveys."""
    open_claim(page, case.number)
    upload(page, "Invoice", folder)
    upload(page, "Findings and recommendations document", folder)
    page.get_by_role("button", name="Send Customer Survey").click()
    subject = f"Action required: Complete customer survey for the {case.engagement}"
    customer.page.goto(post.letter(case.contact, subject).link)
    answer_survey(customer.page)
    page.get_by_role("link", name="Go to survey").click()
    answer_survey(page)
    open_claim(page, case.number)


def upload(page: Page, slot: str, folder: Path, *, name: str = "") -> None:
    file = folder / (name or f"{slot.split()[0].lower()}.pdf")
    file.write_bytes(sheet(slot))
    page.get_by_label(f"Upload proof of execution: {slot}").set_input_files(file)
    expect(page.get_by_role("link", name=file.name)).to_be_visible()


def answer_survey(page: Page) -> None:
    fill_survey(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you")).to_be_visible()


def fill_survey(page: Page) -> None:
    """Answer every question of the survey on the page, and sign it."""
    expect(page.get_by_label("Full name")).to_be_visible()
    for group in page.locator("fieldset.question").all():
        choice = group.locator("input[type=radio], input[type=checkbox]").last
        if choice.count():
            choice.check()
    for box in page.locator("input[type=number], textarea").all():
        box.fill("5")
    page.get_by_label("Full name").fill("Susie Jones")
    page.get_by_label("Company").fill("Contoso")
    page.get_by_label("Title").fill("IT Manager")


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit claim").first.click()
    expect(page.get_by_text("Claim submitted")).to_be_visible()


def dispute(page: Page) -> None:
    page.get_by_role("link", name="Dispute claim").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Do you want to dispute the rejected claim?")).to_be_visible()
    expect(dialog.get_by_text("UTC")).to_be_visible()
    dialog.get_by_role("button", name="Dispute", exact=True).click()
    expect(page.locator("#claim").get_by_text("Disputed").first).to_be_visible()


def decide(page: Page, number: str, decision: str, comment: str = "", *, canned: str = "") -> None:
    """A reviewer opens the claim from the queue and decides, with words of their own or with a canned comment."""
    page.goto("/desk/")
    page.get_by_role("link", name="Review queue").first.click()
    page.get_by_role("link", name=number).click()
    if comment:
        page.get_by_label("Comment to the partner").fill(comment)
    if canned:
        page.get_by_role("button", name="Canned comments").click()
        page.get_by_role("button", name=f"Insert “{canned}” in English").click()
    page.get_by_role("button", name=re.compile(f"^{decision}( with comment)?$")).click()
