"""The list of customer claims as people have it: their columns, days and views, and its file (CLM-1, CLM-2, BEY-8)."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

ADMIN, USER = "admin@fridayinc.example", "user@fridayinc.example"


def open_list(page: Page) -> None:
    page.get_by_role("link", name="Customer claims").first.click()
    expect(page.get_by_role("heading", name="Customer claims")).to_be_visible()


def heads(page: Page) -> list[str]:
    return page.get_by_role("columnheader").all_inner_texts()


def test_everybody_chooses_their_columns_and_gets_them_back(visitor):
    page = visitor().sign_in(ADMIN)
    open_list(page)
    usual = heads(page)
    page.get_by_role("button", name="Customize").click()
    sheet = page.get_by_role("form", name="Customize")
    sheet.get_by_label("Claim ID").uncheck()
    sheet.get_by_label("Workload").check()
    sheet.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("columnheader", name="Workload")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Claim ID")).to_have_count(0)
    page.get_by_role("row").nth(1).get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Claim ", level=1)).to_be_visible()

    open_list(page)
    expect(page.get_by_role("columnheader", name="Workload")).to_be_visible()
    page.get_by_role("button", name="Customize").click()
    page.get_by_role("form", name="Customize").get_by_role("button", name="Reset").click()
    expect(page.get_by_role("columnheader", name="Workload")).to_have_count(0)
    assert heads(page) == usual


def test_a_range_of_days_is_said_on_its_button_and_a_wrong_one_is_refused(visitor):
    page = visitor().sign_in(ADMIN)
    open_list(page)
    for since, until in (("2026-02-01", "2026-01-01"), ("2020-01-01", "2020-01-31")):
        page.get_by_role("group", name="Last updated").get_by_role("button").click()
        days = page.get_by_role("form", name="Custom date range")
        days.get_by_label("From").fill(since)
        days.get_by_label("To").fill(until)
        days.get_by_role("button", name="Apply").click()
        if since > until:
            expect(page.get_by_text("The last day must not be before the first.")).to_be_visible()

    expect(page.get_by_role("button", name="Jan 1, 2020 – Jan 31, 2020")).to_be_visible()
    expect(page.get_by_text("No claim matches")).to_be_visible()


def test_a_shared_view_shows_colleagues_the_claims_of_their_own_roles(visitor):
    page, name = visitor().sign_in(ADMIN), "Waiting for customers"
    open_list(page)
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("form", name="Filter").get_by_label("Awaiting customer consent").check()
    page.get_by_role("form", name="Filter").get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Remove filter")).to_have_count(1)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Share with the people of my company").check()
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text(f"The view “{name}” is saved.")).to_be_visible()

    colleague = visitor().sign_in(USER)
    open_list(colleague)
    colleague.get_by_role("button", name="Views").click()
    colleague.get_by_role("link", name=name).click()
    expect(colleague.get_by_role("button", name=name)).to_be_visible()
    theirs = set(colleague.get_by_role("row").get_by_role("rowheader").all_inner_texts())
    mine = set(page.get_by_role("row").get_by_role("rowheader").all_inner_texts())
    assert theirs <= mine


def test_the_list_is_exported_as_it_stands(visitor, tmp_path: Path):
    page = visitor().sign_in(USER)
    open_list(page)
    heading, numbers = heads(page), page.get_by_role("row").get_by_role("rowheader").all_inner_texts()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="As CSV").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == heading
    assert [row[0] for row in rows[1 : len(numbers) + 1]] == numbers
