from playwright.sync_api import Page, expect

from . import steps

LOCATION = "FridayINC2, US, Bellevue (5384802)"
ENGAGEMENT = "Microsoft Viva Workshop"
UPDATE = "Update bank and tax details"


def open_from_overview(page: Page, name: str) -> None:
    page.get_by_role("link", name="Overview").first.click()
    steps.search(page, "5384802")
    page.get_by_role("link", name=f"{name} {LOCATION}").click()
    expect(page.get_by_role("heading", name=UPDATE)).to_be_visible()
    expect(page.get_by_text(LOCATION)).to_be_visible()


def eligibility(page: Page) -> str:
    """What the Eligibility page of an engagement says of the location's payee profile, and what is to be done."""
    page.get_by_role("link", name="MCI engagements").first.click()
    steps.search(page, ENGAGEMENT)
    page.get_by_role("link", name=ENGAGEMENT, exact=True).click()
    page.get_by_role("link", name="Eligibility", exact=True).click()
    page.wait_for_url("**/eligibility/")
    steps.search(page, "5384802")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=LOCATION))
    return " | ".join(row.get_by_role("cell").all_inner_texts()[-2:])


def test_an_incentive_admin_makes_a_payee_profile_complete(visitor):
    someone = visitor()
    page = someone.sign_in("admin@fridayinc.example")
    assert UPDATE in eligibility(page)

    open_from_overview(page, UPDATE)
    bank = page.get_by_role("form", name="Bank details")
    bank.get_by_label("Beneficiary name").fill("FridayINC2 Inc.")
    bank.get_by_label("Bank country/region").select_option(label="Germany")
    expect(bank.get_by_label("Routing number")).to_be_hidden()
    bank.get_by_label("IBAN").fill("de89 3704 0044 0532 0130 01")
    bank.get_by_label("Payment currency").select_option(label="USD – US dollar")
    bank.get_by_role("button", name="Save bank details").click()
    expect(page.get_by_text("The check digits do not fit").first).to_be_visible()
    bank.get_by_label("Bank country/region").select_option(label="United States of America")
    expect(bank.get_by_label("IBAN")).to_be_hidden()
    bank.get_by_label("Routing number").fill("111000025")
    bank.get_by_label("Account number").fill("0001 2345 6789")
    bank.get_by_role("button", name="Save bank details").click()
    expect(page.get_by_text("Bank details saved.")).to_be_visible()

    tax = page.get_by_role("form", name="Tax details")
    tax.get_by_label("Legal name").fill("FridayINC2 Inc.")
    tax.get_by_label("Tax form").select_option(label="W-9 (United States)")
    tax.get_by_label("Tax number").fill("12-3456789")
    tax.get_by_label("Expiration date").fill("2999-12-31")
    tax.get_by_role("button", name="Save tax details").click()
    expect(page.get_by_text("Tax details saved.")).to_be_visible()
    expect(page.get_by_text("This location can be paid.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Tax number: •••• 789")).to_be_visible()
    assert "123456789" not in page.content().replace("-", "").replace(" ", "")

    open_from_overview(page, "Bank and tax details: Complete")
    assert eligibility(page).startswith("Complete")
    # The browser tells of the one refusal, which belongs here.
    assert [fault for fault in someone.trouble if "422" not in fault] == []
