"""Who may claim what: found, narrowed and explained, by the labels that people see."""

import re

from playwright.sync_api import Page, expect

ENGAGEMENT = "Enable Frontline Workshop"


def open_engagements(page: Page) -> None:
    page.get_by_role("link", name="MCI engagements").first.click()
    expect(page.get_by_role("heading", name="MCI engagements")).to_be_visible()


def narrow(page: Page, label: str, option: str = "") -> None:
    """Through the Filter sheet: a box, or a choice of a list."""
    page.get_by_role("button", name="Filter").click()
    sheet = page.get_by_role("form", name="Filter")
    if option:
        choice = sheet.get_by_label(label).locator("option").filter(has_text=option).first
        sheet.get_by_label(label).select_option(value=choice.get_attribute("value"))
    else:
        sheet.get_by_label(label, exact=True).check()
    sheet.get_by_role("button", name="Apply").click()


def figure(page: Page, engagement: str) -> str:
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=engagement, exact=True))
    text = row.get_by_role("link", name=re.compile("enrolled locations are eligible")).inner_text()
    return text.split("enrolled")[0].strip()


def test_an_admin_sees_which_locations_may_claim_and_why_the_others_may_not(visitor):
    page = visitor().sign_in("admin@fridayinc.example")
    open_engagements(page)
    eligible, enrolled = map(int, re.fullmatch(r"(\d+) of (\d+)", figure(page, ENGAGEMENT)).groups())
    assert 0 < eligible < enrolled

    page.get_by_role("link", name=re.compile(f"enrolled locations are eligible for {ENGAGEMENT}")).click()
    expect(
        page.get_by_text(re.compile(r"Eligibility status is updated daily\. Last update: .* UTC")).first
    ).to_be_visible()
    narrow(page, "Ineligible")
    expect(page.get_by_role("button", name=re.compile("^Eligible"))).to_have_count(0)
    page.get_by_role("row").filter(has_text="Mumbai").get_by_role(
        "button", name=re.compile("^Ineligible")
    ).click()
    pop_in = page.get_by_role("dialog", name="Eligibility requirements")
    expect(pop_in.get_by_text("Enrolled in the programme")).to_be_visible()
    expect(pop_in.get_by_text("Solutions Partner for Modern Work")).to_be_visible()
    expect(pop_in.get_by_text("Not met: One of these designations or specializations")).to_be_visible()
    pop_in.get_by_role("button", name="Close").last.click()
    expect(pop_in).to_be_hidden()


def test_what_an_admin_must_do_names_engagements_about_to_close(visitor):
    page = visitor().sign_in("admin@fridayinc.example")
    open_engagements(page)
    page.get_by_role("link", name=re.compile(r"Attention required \(\d+\)")).click()

    closing = page.get_by_role("region", name=re.compile("Engagements about to close"))
    closing.get_by_role("link", name="Add customers").first.click()

    expect(page.get_by_role("button", name="Add customer")).to_be_visible()


def test_a_user_of_two_locations_counts_both_or_one(visitor):
    page = visitor().sign_in("user@fridayinc.example")
    open_engagements(page)
    assert figure(page, ENGAGEMENT) == "2 of 2"

    narrow(page, "Location", "Las Vegas")
    assert figure(page, ENGAGEMENT) == "1 of 1"
    page.reload()
    assert figure(page, ENGAGEMENT) == "1 of 1"
    page.get_by_role("link", name="Clear all").click()
    assert figure(page, ENGAGEMENT) == "2 of 2"

    page.get_by_role("link", name=re.compile(f"enrolled locations are eligible for {ENGAGEMENT}")).click()
    expect(page.get_by_role("row").filter(has_text="FridayINC,")).to_have_count(2)


def test_somebody_without_a_role_learns_whom_to_ask(visitor):
    page = visitor().sign_in("nobody@fridayinc.example")
    page.goto("/engagements/")

    expect(page.get_by_text("You have no incentive role yet")).to_be_visible()
    expect(page.get_by_text("Priya Kaur").first).to_be_visible()


def test_criteria_open_without_script(visitor):
    page = visitor(java_script_enabled=False).sign_in("user@fridayinc.example")
    page.goto("/engagements/MWS-02/eligibility/")
    page.get_by_role("button", name=re.compile("^Eligible")).first.click()

    expect(page.get_by_role("dialog", name="Eligibility requirements")).to_be_visible()


def test_the_owner_ends_an_attainment_and_the_partner_sees_why(visitor):
    owner = visitor().sign_in("owner@microsoft.example")
    owner.goto("/desk/")
    owner.get_by_role("link", name="Attainments").first.click()
    owner.get_by_role("link", name="Add attainment").click()
    owner.get_by_label("PartnerID").fill("5272301")
    owner.get_by_label("Designation").select_option(label="Solutions Partner for Modern Work")
    owner.get_by_label("Held from").fill("2026-01-01")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("is saved, and the location is evaluated")).to_be_visible()

    partner = visitor().sign_in("admin@fridayinc.example")
    partner.goto("/engagements/MWS-02/eligibility/?search=5272301")
    expect(partner.get_by_role("button", name=re.compile("^Eligible"))).to_have_count(1)
    owner.get_by_role("link", name=re.compile("5272301")).click()
    owner.get_by_label("Expires on").fill("2026-01-02")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("is saved, and the location is evaluated")).to_be_visible()
    partner.reload()
    expect(partner.get_by_role("button", name=re.compile("^Ineligible"))).to_have_count(1)
