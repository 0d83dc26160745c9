"""Many customers claimed from one sheet: template, check, mend, create, and the same sheet again (BEY-4)."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

ENGAGEMENT = "Microsoft Syntex Workshop"
BY_THE_HOUR = "Pre-Sales Variable Envisioning Workshop"
CUSTOMERS = ("alpineskihouse.com", "blueyonderairlines.com", "cohowinery.com")
HEADINGS = (
    "Engagement",
    "Claim name",
    "Partner location (PartnerID)",
    "Customer ID type",
    "Customer ID",
    "Customer contact name",
    "Customer contact email",
)


def open_sheets(page: Page) -> None:
    page.get_by_role("link", name="Customer claims").first.click()
    page.get_by_role("link", name="Add from a sheet").click()
    expect(page.get_by_role("heading", name="Upload a sheet")).to_be_visible()


def download(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name).click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    return path


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Fill the sheet of claims, each cell under its heading, as a person does who has Excel open."""
    book = load_workbook(path)
    sheet = book["Claims"]
    places = {cell.value: cell.column for cell in sheet[1]}
    for line, row in enumerate(rows, 2):
        for heading, value in row.items():
            sheet.cell(line, places[heading], value)
    book.save(path)


def upload(page: Page, path: Path) -> None:
    page.get_by_role("button", name="File").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", name=path.name)).to_be_visible()


def row(domain: str, **changes: object) -> dict[str, object]:
    cells = (ENGAGEMENT, f"Campaign {domain}", 5272302, "Domain name", domain, "Susie Jones", f"it@{domain}")
    return dict(zip(HEADINGS, cells, strict=True)) | changes


def test_customers_are_claimed_from_a_sheet(visitor, tmp_path: Path):
    page = visitor().sign_in("user@fridayinc.example")
    open_sheets(page)
    template = download(page, "Excel template", tmp_path)
    names = {name for name, *_more in load_workbook(template)["Engagements"].values}
    assert {ENGAGEMENT, BY_THE_HOUR} <= names
    one, two, three = (row(domain) for domain in CUSTOMERS)
    hours = {"Customer ID type": "Opportunity ID", "Customer ID": "OPP-19299891", "Requested hours": 8}
    by_the_hour = row("wingtiptoys.com") | {"Engagement": BY_THE_HOUR} | hours
    write(template, [one, two | {"Customer contact email": "nobody"}, three, by_the_hour])

    upload(page, template)

    expect(
        page.locator("#sheet").get_by_text("3 of 4 rows are ready; nothing has been created yet")
    ).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=CUSTOMERS[1])).to_contain_text(
        "Customer contact email: Enter a valid email address."
    )
    page.get_by_role("button", name="Create 3 claims").click()
    expect(page.locator("#sheet").get_by_text("3 claims were created")).to_be_visible()
    report = download(page, "Report (Excel)", tmp_path)

    write(report, [{}, {"Customer contact email": f"it@{CUSTOMERS[1]}"}])
    open_sheets(page)
    upload(page, report)
    expect(page.locator("#sheet").get_by_text("1 of 4 rows is ready")).to_be_visible()
    page.get_by_role("button", name="Create 1 claim").click()
    expect(page.locator("#sheet").get_by_text("1 claim was created")).to_be_visible()
    number = page.get_by_role("row").filter(has_text="Created").get_by_role("link").inner_text()

    open_sheets(page)
    upload(page, report)
    expect(page.locator("#sheet").get_by_text("Every row of it is a claim already.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Create"))).to_have_count(0)
    expect(page.get_by_role("link", name=number)).to_be_visible()
    page.get_by_role("link", name=number).click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    expect(page.get_by_text(CUSTOMERS[1]).first).to_be_visible()


def test_a_sheet_is_uploaded_without_javascript(visitor, tmp_path: Path):
    page = visitor(java_script_enabled=False).sign_in("user@fridayinc.example")
    open_sheets(page)
    template = download(page, "Excel template", tmp_path)
    write(template, [row("nobody.example")])

    upload(page, template)

    while page.get_by_text("Load this page again").count():
        page.reload()
    expect(page.get_by_role("row").filter(has_text="nobody.example")).to_contain_text("No tenant was found")
    page.get_by_role("button", name="Remove sheet").click()
    expect(page.get_by_text("The sheet was removed.")).to_be_visible()
