"""A location comes into the programme: terms accepted, validated by the worker, the result in sight (ROLE-4)."""

from playwright.sync_api import Page, expect

VALENCIA = "FridayINC, ES, Valencia (6310488)"


def row(page: Page, location: str):
    return page.get_by_role("row").filter(has_text=location)


def test_an_admin_accepts_the_terms_and_sees_what_validation_found(visitor):
    admin, user = visitor(), visitor()
    page = admin.sign_in("admin@fridayinc.example")
    page.get_by_role("searchbox", name="Search by Program name").fill("Valencia")
    page.keyboard.press("Enter")
    expect(row(page, VALENCIA).get_by_text("Invited")).to_be_visible()

    row(page, VALENCIA).get_by_role("link", name="Enroll").click()
    page.get_by_role("button", name="Enroll", exact=True).click()
    expect(page.get_by_text("Read the terms and tick the box to enroll the location.").first).to_be_visible()
    page.get_by_label("I have read these terms and accept them for this location.").check()
    page.get_by_role("button", name="Enroll", exact=True).click()

    expect(page.get_by_text(f"{VALENCIA} is being validated.")).to_be_visible()
    page.get_by_role("searchbox", name="Search by Program name").fill("Valencia")
    page.keyboard.press("Enter")
    expect(row(page, VALENCIA).get_by_text("Action required")).to_be_visible()
    row(page, VALENCIA).get_by_role("link", name=VALENCIA, exact=True).click()
    facts = page.get_by_role("region", name="On record")
    expect(facts.get_by_text("sample terms, 2026-1")).to_be_visible()
    expect(facts.get_by_text("Priya Kaur")).to_be_visible()

    page = user.sign_in("user@fridayinc.example")
    expect(row(page, "Valencia")).to_have_count(0)
    page.get_by_role("link", name="Program guide").first.click()
    expect(page.get_by_role("heading", name="Program guide")).to_be_visible()
    assert admin.trouble == [m for m in admin.trouble if "422" in m]
    assert user.trouble == []
