"""A template from the owner's desk to the reviewer's: what counted at the submission can be opened for good (DL-7)."""

from pathlib import Path

from playwright.sync_api import Page, expect

from incentives.management.walk import sheet

from . import hurried, steps

ENGAGEMENT = "Endpoint Management Workshop"
DOCUMENT = "Findings and recommendations document"


def publish(desk: Page, number: int, folder: Path) -> bytes:
    """The owner publishes the next version of the template; gives its content."""
    file = folder / f"template-v{number}.pdf"
    file.write_bytes(sheet(f"Template, version {number}"))
    desk.goto("/desk/")
    desk.get_by_role("link", name="Templates and material").first.click()
    desk.get_by_role("link", name=ENGAGEMENT, exact=True).first.click()
    desk.get_by_role("link", name=f"All versions of {DOCUMENT}").click()
    desk.get_by_label("File").set_input_files(file)
    desk.get_by_label("What is new").fill(f"Novelty number {number}")
    desk.get_by_role("button", name="Publish version").click()
    expect(desk.get_by_text(f"Version {number} is published.")).to_be_visible()
    return file.read_bytes()


def downloaded(page: Page, link: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).first.click()
    return Path(download.value.path()).read_bytes()


def test_the_version_that_counted_outlives_the_next_one(visitor, signed_in, post, tmp_path: Path):
    owner, partner, reviewer = (visitor() for _person in range(3))
    desk = owner.sign_in("owner@microsoft.example")
    page = partner.sign_in("user@fridayinc.example")

    third = publish(desk, 3, tmp_path)
    steps.open_engagement(page, ENGAGEMENT)
    expect(page.get_by_text("Novelty number 3")).to_be_visible()
    assert downloaded(page, f"Download {DOCUMENT}, version 3") == third
    expect(page.get_by_role("link", name=f"Download {DOCUMENT}, version 2")).to_have_count(0)

    hurry = signed_in("user@fridayinc.example")
    case = hurried.consented(hurry, post, ENGAGEMENT, "contoso.com", "Contoso - templates")
    steps.open_claim(page, case.number)
    assert downloaded(page, f"Download template: {DOCUMENT}") == third
    hurried.complete(hurry, post, case)
    hurried.submit(hurry, case)

    fourth = publish(desk, 4, tmp_path)
    steps.open_claim(page, case.number)
    expect(page.get_by_text("Version 4, published since, does not change that")).to_be_visible()

    review = reviewer.sign_in("reviewer@microsoft.example")
    review.goto("/desk/")
    review.get_by_role("link", name="Review queue").first.click()
    review.get_by_role("link", name=case.number).click()
    expect(review.get_by_text("No longer current")).to_be_visible()
    assert downloaded(review, "Template version 3") == third
    assert fourth != third
    for somebody in (owner, partner, reviewer):
        assert somebody.trouble == []
