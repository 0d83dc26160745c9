from pathlib import Path

from playwright.sync_api import expect

from . import hurried, steps

ENGAGEMENT = "Modernize Communications Workshop"


def test_rejected_disputed_rejected_finally(visitor, signed_in, post, tmp_path: Path):
    partner, reviewer, second = visitor(), visitor(), visitor()
    page, hurry = partner.sign_in("user@fridayinc.example"), signed_in("user@fridayinc.example")
    case = hurried.consented(hurry, post, ENGAGEMENT, "contoso.com", "Contoso to dispute")
    hurried.complete(hurry, post, case)
    hurried.submit(hurry, case)
    number = case.number

    desk = reviewer.sign_in("reviewer@microsoft.example")
    steps.decide(desk, number, "Set under review")
    steps.decide(desk, number, "Reject", canned="Results are missing")
    letter = post.letter("user@fridayinc.example", f"Claim for {ENGAGEMENT} engagement was rejected", number)
    assert f"/claims/{number}/" in letter.text

    steps.open_claim(page, number)
    expect(page.get_by_text("but not what came of it. Please add its results").first).to_be_visible()
    steps.dispute(page)
    steps.upload(page, "Findings and recommendations document", tmp_path, name="corrected.pdf")
    steps.submit(page)

    desk = second.sign_in("reviewer2@microsoft.example")
    steps.decide(desk, number, "Set under review")
    steps.decide(desk, number, "Reject final", "Still no results.")
    steps.open_claim(page, number)
    expect(page.locator("#claim").get_by_text("Rejected final").first).to_be_visible()
    expect(page.get_by_role("link", name="Dispute claim")).to_have_count(0)
    for somebody in (partner, reviewer, second):
        assert somebody.trouble == []
