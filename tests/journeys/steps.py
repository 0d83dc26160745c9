"""What people do again and again on a journey, by the labels they see."""

from pathlib import Path

from playwright.sync_api import Page, expect

from incentives.management.walk import sheet


def add_customer(page: Page, engagement: str, domain: str, name: str, *, location: str = "Las Vegas") -> str:
    """Through the four steps of the wizard from an engagement's Customers page; gives the Claim ID."""
    page.get_by_role("link", name="MCI engagements").first.click()
    page.get_by_role("link", name=engagement, exact=True).click()
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_role("heading", name="Associate customer")).to_be_visible()
    page.get_by_role("textbox", name="Claim name").fill(name)
    choose_location(page, location)
    page.get_by_label("Customer ID type").select_option(label="Domain name")
    page.get_by_role("textbox", name="Customer ID", exact=True).fill(domain)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    expect(page.get_by_role("checkbox", name=engagement)).to_be_checked()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Contact Information")).to_be_visible()
    page.get_by_label("Customer contact name").fill("Susie Jones")
    page.get_by_label("Customer contact email").fill(f"susie@{domain}")
    page.get_by_label("Customer contact work title").fill("IT Manager")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Review and complete")).to_be_visible()
    expect(page.get_by_text(name)).to_be_visible()
    page.get_by_role("button", name="Add Customer", exact=True).click()
    expect(page.locator("dialog").get_by_text("Customer successfully claimed")).to_be_visible()
    number = page.locator("dialog").get_by_role("link").first.inner_text()
    page.get_by_role("link", name="Done").click()
    return number


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


def upload(page: Page, slot: str, folder: Path) -> None:
    file = folder / f"{slot.split()[0].lower()}.pdf"
    file.write_bytes(sheet(slot))
    page.get_by_label(f"Upload proof of execution: {slot}").set_input_files(file)
    expect(page.get_by_role("link", name=file.name)).to_be_visible()


def answer_survey(page: Page) -> None:
    """Answer every question of the survey on the page, and sign it."""
    for group in page.locator("fieldset.question").all():
        choice = group.locator("input[type=radio], input[type=checkbox]").last
        if choice.count():
            choice.check()
    for box in page.locator("input[type=number], textarea").all():
        box.fill("5")
    page.get_by_label("Full name").fill("Susie Jones")
    page.get_by_label("Company").fill("Contoso")
    page.get_by_label("Title").fill("IT Manager")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you")).to_be_visible()


def submit(page: Page) -> None:
    page.get_by_role("button", name="Submit claim").first.click()
    expect(page.get_by_text("Claim submitted")).to_be_visible()


def decide(page: Page, number: str, decision: str, comment: str = "") -> None:
    """A reviewer opens the claim from the queue and decides."""
    page.goto("/desk/")
    page.get_by_role("link", name="Review queue").first.click()
    page.get_by_role("link", name=number).click()
    if comment:
        page.get_by_label("Comment").first.fill(comment)
    page.get_by_role("button", name=decision, exact=True).click()
