import re
from pathlib import Path

from playwright.sync_api import Page, expect

from . import steps

ENGAGEMENT = "Enable Frontline Workshop"
REASON = "Customer is not on the engagement's eligible customer list"
NOT_LISTED = "relecloud.com"


def open_list(page: Page) -> None:
    """From the desk's first page to the eligible customers of the engagement."""
    page.goto("/desk/")
    page.get_by_role("link", name="Engagements").first.click()
    page.get_by_role("searchbox").fill(ENGAGEMENT)
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("row").filter(has_text=ENGAGEMENT).get_by_role("link").click()
    page.get_by_role("link", name="Eligible customers", exact=True).click()
    expect(page.get_by_role("heading", name="Eligible customers")).to_be_visible()


def upload(page: Page, file: Path, rows: list[str]) -> None:
    file.write_text("\n".join(["Customer ID type;Customer ID", *rows]))
    page.get_by_role("link", name="Upload list").click()
    page.get_by_label("Add to the list").check()
    page.get_by_role("button", name="File").set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("heading", name=file.name)).to_be_visible()


def on_list(page: Page) -> str:
    return page.locator(".stat", has_text="Customer IDs on the list").locator("dd").inner_text()


def found(page: Page, domain: str) -> str:
    page.get_by_role("textbox", name="Customer ID").fill(domain)
    page.get_by_role("button", name="Find").click()
    return page.get_by_text(re.compile("is (not )?on the list")).inner_text()


def associate(page: Page) -> None:
    """The first step of the wizard for the customer that is not listed at first."""
    steps.open_wizard(page, ENGAGEMENT)
    steps.fill_customer(page, "Relecloud frontline", NOT_LISTED)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()


def test_a_listed_customer_can_be_claimed_and_a_bad_list_changes_nothing(visitor, tmp_path: Path):
    owner, partner = visitor(), visitor()
    wizard = partner.sign_in("admin@fridayinc.example")
    associate(wizard)
    expect(wizard.get_by_role("checkbox", name=ENGAGEMENT)).to_have_count(0)
    wizard.get_by_text("Ineligible (").click()
    expect(wizard.get_by_text(f"{ENGAGEMENT} - {REASON}")).to_be_visible()

    desk = owner.sign_in("owner@microsoft.example")
    open_list(desk)
    before = on_list(desk)
    assert found(desk, NOT_LISTED) == f"{NOT_LISTED} is not on the list."
    upload(desk, tmp_path / "wrong.csv", [f"Domain name;{NOT_LISTED}", "Tenant ID;7", "Client;x"])
    expect(desk.get_by_text("The list was not taken; nothing was changed", exact=True)).to_be_visible()
    expect(desk.get_by_text("2 of 3 rows have to be mended.", exact=True)).to_be_visible()
    expect(desk.get_by_role("row").filter(has_text="Client")).to_contain_text(
        "Write one of: Domain name, Tenant ID."
    )
    with desk.expect_download() as report:
        desk.get_by_role("link", name="Download report").click()
    assert (
        Path(report.value.path()).read_text("utf-8-sig").startswith("Row,Found,What to write instead\n3,7,")
    )
    desk.get_by_role("link", name="Eligible customers").click()
    assert on_list(desk) == before

    more = [f"Tenant ID;00000000-0000-4000-8000-{number:012}" for number in range(200_000)]
    upload(desk, tmp_path / "more.csv", [*more, f"Domain name;{NOT_LISTED}"])
    expect(desk.get_by_role("progressbar")).to_be_visible()
    expect(desk.get_by_text("The list was taken", exact=True)).to_be_visible(timeout=120_000)
    expect(
        desk.get_by_role("main").get_by_text("200,001 customer IDs added, 0 removed, 0 as before.")
    ).to_be_visible()
    expect(desk.get_by_role("progressbar")).to_have_count(0)
    desk.get_by_role("link", name="Eligible customers").click()
    assert found(desk, NOT_LISTED) == f"{NOT_LISTED} is on the list."

    wizard.get_by_role("link", name="Close").click()
    wizard.get_by_role("button", name="Add customer").click()
    expect(wizard.get_by_text("You go on where you left off.")).to_be_visible()
    expect(wizard.get_by_role("checkbox", name=ENGAGEMENT)).to_be_checked()
    for somebody in (owner, partner):
        assert somebody.trouble == []


def test_without_script_a_list_is_uploaded_and_its_progress_read_by_reloading(visitor, tmp_path: Path):
    owner = visitor(java_script_enabled=False)
    desk = owner.sign_in("owner@microsoft.example")
    open_list(desk)

    upload(desk, tmp_path / "same.csv", ["Domain name;adatum.com"])
    taken = desk.get_by_text("The list was taken", exact=True)
    for _again in range(100):
        if taken.count():
            break
        desk.reload()

    expect(taken).to_be_visible()
