from pathlib import Path

from playwright.sync_api import expect

from . import steps

ENGAGEMENT = "Enable Frontline Workshop"


def test_from_add_customer_to_the_earning(visitor, post, tmp_path: Path):
    partner, customer, reviewer = visitor(), visitor(), visitor()
    page = partner.sign_in("user@fridayinc.example")
    earned_before = page.get_by_text("$").first.inner_text()

    number = steps.add_customer(page, ENGAGEMENT, "contoso.com", "Contoso - frontline")
    steps.request_consent(page, number)
    letter = post.letter("susie@contoso.com", f"Action required: Confirm participation in the {ENGAGEMENT}")
    steps.answer_consent(customer.page, letter.link)

    steps.open_claim(page, number)
    expect(page.get_by_text("Customer consent received").first).to_be_visible()
    expect(page.get_by_role("button", name="Submit claim").first).to_be_disabled()
    steps.upload(page, "Invoice", tmp_path)
    steps.upload(page, "Findings and recommendations document", tmp_path)
    page.get_by_role("button", name="Send Customer Survey").click()
    survey = f"Action required: Complete customer survey for the {ENGAGEMENT}"
    customer.page.goto(post.letter("susie@contoso.com", survey).link)
    steps.answer_survey(customer.page)
    page.get_by_role("link", name="Go to survey").click()
    steps.answer_survey(page)
    steps.open_claim(page, number)
    steps.submit(page)

    desk = reviewer.sign_in("reviewer@microsoft.example")
    steps.decide(desk, number, "Set under review")
    steps.decide(desk, number, "Approve")

    approved = post.letter("user@fridayinc.example", "Notice: Claim for the engagement was approved")
    assert number in approved.text
    steps.open_claim(page, number)
    expect(page.get_by_text("Approved").first).to_be_visible()
    page.get_by_role("link", name="Overview").first.click()
    assert page.get_by_text("$").first.inner_text() != earned_before
    for somebody in (partner, customer, reviewer):
        assert somebody.trouble == []
