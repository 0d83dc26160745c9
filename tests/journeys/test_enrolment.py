"""A location comes into the programme, is taken out for a reason that its people read, and comes back (ROLE-4)."""

from playwright.sync_api import Page, expect

from . import steps

VALENCIA = "FridayINC, ES, Valencia (6310488)"
REASON = "The designations of this location are being checked."
# The list looks again by itself, every few seconds.
SOON = 20_000


def row(page: Page, location: str):
    return page.get_by_role("row").filter(has_text=location)


def find(page: Page) -> None:
    page.get_by_role("link", name="Overview").first.click()
    steps.search(page, "Valencia")


def accept_the_terms(page: Page) -> None:
    find(page)
    expect(row(page, VALENCIA).get_by_text("Invited")).to_be_visible()
    row(page, VALENCIA).get_by_role("link", name="Enroll").click()
    page.get_by_role("button", name="Enroll", exact=True).click()
    expect(page.get_by_text("Read the terms and tick the box to enroll the location.").first).to_be_visible()
    page.get_by_label("I have read these terms and accept them for this location.").check()
    page.get_by_role("button", name="Enroll", exact=True).click()
    expect(page.get_by_text(f"{VALENCIA} is being validated.")).to_be_visible()


def fill_bank_and_tax_details(page: Page) -> None:
    row(page, VALENCIA).get_by_role("link", name="Update bank and tax details").click()
    bank = page.get_by_role("form", name="Bank details")
    bank.get_by_label("Beneficiary name").fill("FridayINC S.L.")
    bank.get_by_label("IBAN").fill("ES91 2100 0418 4502 0005 1332")
    bank.get_by_label("Payment currency").select_option(label="EUR – Euro")
    bank.get_by_role("button", name="Save bank details").click()
    expect(page.get_by_text("Bank details saved.")).to_be_visible()
    tax = page.get_by_role("form", name="Tax details")
    tax.get_by_label("Legal name").fill("FridayINC S.L.")
    tax.get_by_label("Tax form").select_option(value="W-8BEN-E")
    tax.get_by_label("Tax number").fill("J99216582")
    tax.get_by_role("button", name="Save tax details").click()
    expect(page.get_by_text("Tax details saved.")).to_be_visible()


def open_at_the_desk(page: Page) -> None:
    page.get_by_role("link", name="Enrollments").first.click()
    page.get_by_role("searchbox", name="Search").fill("6310488")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name=VALENCIA).click()
    expect(page.get_by_role("heading", name=VALENCIA)).to_be_visible()


def test_a_location_enrolls_is_discontinued_and_comes_back(visitor):
    admin, user, owner = visitor(), visitor(), visitor()
    page = admin.sign_in("admin@fridayinc.example")
    accept_the_terms(page)
    find(page)
    expect(row(page, VALENCIA).get_by_text("Action required")).to_be_visible(timeout=SOON)
    row(page, VALENCIA).get_by_role("link", name=VALENCIA, exact=True).click()
    facts = page.get_by_role("region", name="On record")
    expect(facts.get_by_text("sample terms, 2026-1")).to_be_visible()
    expect(facts.get_by_text("Priya Kaur")).to_be_visible()
    find(page)
    fill_bank_and_tax_details(page)
    find(page)
    expect(row(page, VALENCIA).get_by_text("Enrolled", exact=True)).to_be_visible(timeout=SOON)

    desk = owner.sign_in("owner@microsoft.example")
    open_at_the_desk(desk)
    desk.get_by_role("link", name="Discontinue enrollment").click()
    expect(desk.get_by_text("The location can make no new claims, for any engagement.")).to_be_visible()
    desk.get_by_label("Reason").fill(REASON)
    desk.get_by_role("button", name="Discontinue", exact=True).click()
    expect(desk.get_by_text(f"The enrollment of {VALENCIA} is discontinued.")).to_be_visible()

    find(page)
    expect(row(page, VALENCIA).get_by_text("Discontinued")).to_be_visible()
    row(page, VALENCIA).get_by_role("link", name="See the reason").click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("Open claims go on to their end")).to_be_visible()

    desk.get_by_role("button", name="Reinstate enrollment").click()
    expect(desk.get_by_text(f"{VALENCIA} is reinstated and is being validated.")).to_be_visible()
    expect(desk.get_by_role("cell", name=f"Discontinued: {REASON}")).to_be_visible()
    find(page)
    expect(row(page, VALENCIA).get_by_text("Enrolled", exact=True)).to_be_visible(timeout=SOON)
    row(page, VALENCIA).get_by_role("link", name=VALENCIA, exact=True).click()
    expect(page.get_by_text(REASON)).to_have_count(0)

    page = user.sign_in("user@fridayinc.example")
    expect(row(page, "Valencia")).to_have_count(0)
    page.get_by_role("link", name="Program guide").first.click()
    expect(page.get_by_role("heading", name="Program guide")).to_be_visible()
    assert admin.trouble == [m for m in admin.trouble if "422" in m]
    assert user.trouble == owner.trouble == []


def test_the_owner_publishes_terms_and_partners_read_that_they_are_to_come(visitor):
    owner, admin = visitor(), visitor()
    page = owner.sign_in("owner@microsoft.example")
    page.get_by_role("link", name="Program terms").first.click()
    page.get_by_role("link", name="New version").click()
    page.get_by_label("Version").fill("2027-1")
    page.get_by_label("Title").fill("Sample terms of another year")
    page.get_by_label("In force from").fill(page.evaluate(IN_A_YEAR))
    page.get_by_label("Not offered in").fill("BY, YE")
    page.get_by_label("Text").fill("What a location agrees to.\n\nAnd what it is paid.")
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_role("heading", name="What would this change affect?")).to_be_visible()
    expect(page.get_by_text("that is invited or enrolling becomes Ineligible")).to_be_visible()
    expect(page.get_by_text("No longer offered in: Yemen.").first).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Sample terms of another year, 2027-1 is published.")).to_be_visible()

    partner = admin.sign_in("admin@northwind.example")
    partner.get_by_role("link", name="Program guide").first.click()
    expect(partner.get_by_text("2027-1, from")).to_be_visible()
    expect(partner.get_by_text("sample terms").first).to_be_visible()
    assert owner.trouble == admin.trouble == []


IN_A_YEAR = "new Date(Date.now() + 365 * 86400000).toISOString().slice(0, 10)"
