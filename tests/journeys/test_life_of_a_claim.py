from pathlib import Path

from playwright.sync_api import expect

from . import steps

ENGAGEMENT = "Enable Frontline Workshop"


def test_from_add_customer_to_the_earning(visitor, post, tmp_path: Path):
    partner, customer, reviewer = visitor(), visitor(), visitor()
    page = partner.sign_in("user@fridayinc.example")
    earned_before = page.get_by_text("$").first.inner_text()

    case = steps.add_customer(page, ENGAGEMENT, "contoso.com", "Contoso - frontline")
    steps.request_consent(page, case.number)
    steps.consent(customer, post, case)
    steps.open_claim(page, case.number)
    expect(page.get_by_text("Customer consent received").first).to_be_visible()
    expect(page.get_by_role("button", name="Submit claim").first).to_be_disabled()
    steps.complete(customer, post, page, case, tmp_path)
    steps.submit(page)

    desk = reviewer.sign_in("reviewer@microsoft.example")
    steps.decide(desk, case.number, "Set under review")
    steps.decide(desk, case.number, "Approve")

    approved = post.letter(
        "user@fridayinc.example", "Notice: Claim for the engagement was approved", case.number
    )
    assert f"/claims/{case.number}/" in approved.text
    steps.open_claim(page, case.number)
    expect(page.get_by_text("Approved").first).to_be_visible()
    page.get_by_role("link", name="Overview").first.click()
    assert page.get_by_text("$").first.inner_text() != earned_before
    for somebody in (partner, customer, reviewer):
        assert somebody.trouble == []
