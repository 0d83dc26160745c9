"""The programme owner adds an engagement and changes it, by what stands on the screen; a partner finds it (ENG-8)."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from . import steps
from .inspection import Inspection
from .visitors import Visitor

OWNER, AUDITOR, PARTNER = "owner@microsoft.example", "auditor@microsoft.example", "admin@northwind.example"
CANARY = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"{{7*7}}'


def test_an_engagement_comes_to_be_is_changed_and_is_found_by_a_partner(visitor):
    owner, partner = visitor(), visitor()
    page = owner.sign_in(OWNER)
    inspection = Inspection(page)
    add_engagement(page, inspection, "QUA-01", "Quantum Readiness Workshop")
    add_rate_card(page, inspection, "Quantum Readiness Workshop (QUA-01)")

    found = partner.sign_in(PARTNER)
    find(found, "Quantum Readiness Workshop")
    found.get_by_role("link", name="Quantum Readiness Workshop", exact=True).click()
    expect(found.get_by_text("$4,200.00").first).to_be_visible()
    expect(found.get_by_text("Readiness report").first).to_be_visible()

    change_the_name(page, inspection)
    find(found, "Quantum Readiness Workshop")
    expect(found.get_by_role("link", name="Quantum Readiness Workshop II", exact=True)).to_be_visible()
    auditor = visitor().sign_in(AUDITOR)
    read_history(auditor)
    assert inspection.faults == []
    assert partner.trouble == []


def add_engagement(page: Page, inspection: Inspection, code: str, name: str) -> None:
    page.goto("/desk/")
    page.get_by_role("link", name="Engagements", exact=True).click()
    page.get_by_role("link", name="New engagement").click()
    page.get_by_role("textbox", name="Code", exact=False).fill(code)
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_role("alert")).to_contain_text("Name – This field is required.")
    inspection.look("an engagement that lacks something", refused=422)
    page.get_by_role("textbox", name=re.compile(r"^Name")).fill(name)
    page.get_by_label("Source of the name").fill("A letter")
    page.get_by_role("combobox", name=re.compile("^Solution area")).select_option(label="Devices")
    page.get_by_label("Payout").select_option(label="Fixed payout")
    page.get_by_label("Activity type").select_option(label="Standard")
    page.get_by_label("First day").fill("2024-01-01")
    page.get_by_label("Domain name").check()
    page.get_by_label("Document 1: name").fill("Readiness report")
    save(page, inspection, "a new engagement", "Name")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def add_rate_card(page: Page, inspection: Inspection, engagement: str) -> None:
    page.get_by_role("link", name="Rate cards").last.click()
    page.get_by_role("link", name="New rate card").click()
    expect(page.get_by_label("Engagement")).to_have_value("QUA-01")
    page.get_by_label("First day").fill("2024-01-01")
    page.get_by_label("Unit").select_option(label="per claim")
    page.get_by_label("Market list").select_option(label="AMMP App/Data Modernization, FY23")
    for market in "ABC":
        page.get_by_label(f"Market {market}", exact=True).fill("4200")
    page.get_by_label("Source").fill("A letter")
    save(page, inspection, "a new rate card", "become eligible")


def change_the_name(page: Page, inspection: Inspection) -> None:
    page.goto("/desk/engagements/engagement/?q=QUA-01")
    page.get_by_role("link", name="QUA-01", exact=True).click()
    page.get_by_role("textbox", name=re.compile(r"^Name")).fill("Quantum Readiness Workshop II")
    page.get_by_label("Document 2: name").fill("Plan")
    page.get_by_role("button", name="Review change").click()
    page.get_by_role("button", name="Go back and edit").click()
    expect(page.get_by_label("Document 2: name")).to_have_value("Plan")
    save(page, inspection, "another name", "Quantum Readiness Workshop II")


def save(page: Page, inspection: Inspection, what: str, words: str) -> None:
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_role("heading", name="What would this change affect?")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(words)
    inspection.look(f"the question about {what}")
    page.get_by_role("button", name="Save change").click()
    expect(page.get_by_text("The change is saved.")).to_be_visible()


def find(page: Page, name: str) -> None:
    page.get_by_role("link", name="MCI engagements").first.click()
    page.get_by_role("link", name="Devices").click()
    steps.search(page, name)
    expect(page.get_by_role("link", name=re.compile(f"^{name}"))).to_be_visible()


def read_history(page: Page) -> None:
    page.goto("/desk/engagements/engagement/?q=QUA-01")
    page.get_by_role("link", name="QUA-01", exact=True).click()
    expect(page.get_by_role("button", name="Review change")).to_have_count(0)
    page.get_by_role("link", name="All changes").click()
    row = page.get_by_role("row").filter(has_text="Quantum Readiness Workshop II").first
    expect(row).to_contain_text("Daniel Weiss, at the desk")


def test_a_catalogue_file_is_checked_and_loaded(visitor, tmp_path: Path):
    owner = visitor()
    page = owner.sign_in(OWNER)
    inspection = Inspection(page)
    page.goto("/desk/engagements/engagement/")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download catalogue").click()
    file = tmp_path / "catalogue.jsonl"
    coming.value.save_as(file)
    whole = file.read_text(encoding="utf-8")

    check(page, tmp_path, "[1]\n")
    expect(page.get_by_role("alert")).to_contain_text("Line 1: This is not a JSON object.")
    inspection.look("a file with a problem", refused=422)
    check(page, tmp_path, whole)
    expect(page.get_by_text("The catalogue says the same already")).to_be_visible()
    inspection.look("a file that changes nothing")
    area = '{"record": "solution_area", "code": "later", "name": "Later", "position": 90, "open_claims_limit": 1}'
    check(page, tmp_path, f"{area}\n")
    inspection.look("a file that changes something")
    page.get_by_role("button", name="Load file").click()
    expect(page.get_by_text("The catalogue file is loaded.")).to_be_visible()
    assert inspection.faults == []


def check(page: Page, folder: Path, text: str) -> None:
    file = folder / "checked.jsonl"
    file.write_text(text, encoding="utf-8")
    page.goto("/desk/engagements/engagement/file/upload/")
    page.get_by_label("Catalogue file").set_input_files(file)
    page.get_by_role("button", name="Check file").click()


# Where the words of an engagement are shown, to whom.
PAGES = {
    OWNER: ("engagement/?q=CANARY-1", "ratecard/?engagement=CANARY-1", "cannedcomment/?engagement=CANARY-1"),
    AUDITOR: (
        "engagement/?q=CANARY-1",
        "ratecard/?engagement=CANARY-1",
        "cannedcomment/?engagement=CANARY-1",
    ),
}


def test_nothing_that_the_owner_types_is_ever_run(visitor):
    """In every text of the forms stands what would run if a page did not escape it (I05)."""
    owner = visitor()
    page = owner.sign_in(OWNER)
    hits = watched(page)
    with_canaries(page)
    for who, lists in PAGES.items():
        reader = visitor().sign_in(who) if who != OWNER else page
        hits += watched(reader) if who != OWNER else []
        for address in lists:
            reader.goto(f"/desk/engagements/{address}")
            expect_the_words(reader)
            reader.get_by_role("main").locator("tbody a").first.click()
            expect_the_words(reader)
            reader.get_by_role("link", name="All changes").click()
            expect_the_words(reader)
    partner = visitor().sign_in(PARTNER)
    hits += watched(partner)
    for address in (
        "/engagements/?area=devices&search=onerror",
        "/engagements/CANARY-1/",
        "/engagements/CANARY-1/eligibility/",
    ):
        partner.goto(address)
        expect_the_words(partner)

    assert hits == []


def with_canaries(page: Page) -> None:
    page.goto("/desk/engagements/engagement/add/")
    for box in texts(page):
        box.fill(CANARY)
    for label, value in (("Code", "CANARY-1"), ("Delivery hours", "8"), ("Smallest deal", "5000")):
        page.get_by_label(label).first.fill(value)
    for limit in ("Customer consents", "Unique customers", "Approved claims", "Concurrent open claims"):
        page.get_by_label(limit).fill("5")
    page.locator("[name=referral__segments]").fill("<b onclick=hit=1>")
    for number in range(3):
        page.locator(f"[name=evidence__{number}__position]").fill(str(number + 1))
    page.locator("[name=referral__solution_area]").fill("<script>window.hit=1</script>")
    page.locator("[name=workload]").fill("<script>window.hit=1</script>")
    page.locator("[name=solution_area]").select_option(label="Devices")
    page.get_by_label("Payout").select_option(label="Fixed payout")
    page.get_by_label("Activity type").select_option(label="Standard")
    page.get_by_label("First day").fill("2024-01-01")
    page.get_by_label("Domain name").check()
    confirm(page)
    page.goto("/desk/engagements/ratecard/add/?engagement=CANARY-1")
    page.get_by_label("First day").fill("2024-01-01")
    page.get_by_label("Unit").select_option(label="per claim")
    page.get_by_label("Market list").select_option(index=1)
    page.get_by_label("Market A", exact=True).fill("1")
    page.get_by_label("Source").fill(CANARY)
    confirm(page)
    page.goto("/desk/engagements/cannedcomment/add/?engagement=CANARY-1")
    for box in texts(page):
        box.fill(CANARY)
    page.get_by_label("Code").fill("canary")
    confirm(page)


def texts(page: Page) -> list[Locator]:
    return page.locator("main input[type=text], main textarea").all()


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_role("heading", name="What would this change affect?")).to_be_visible()
    expect_the_words(page)
    page.get_by_role("button", name="Save change").click()
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    expect_nothing_run(page)


def expect_the_words(page: Page) -> None:
    """The canary stands on the page as text, so that escaping is what keeps it from running."""
    expect(page.get_by_role("main")).to_contain_text(re.compile("onerror|Canary|CANARY"))
    expect_nothing_run(page)


def expect_nothing_run(page: Page) -> None:
    assert page.evaluate("window.hit") is None
    assert page.locator("main img[src=x], main script").count() == 0


def watched(page: Page) -> list[str]:
    """What the browser reports as refused by the Content-Security-Policy, from now on."""
    reports: list[str] = []
    page.on("console", lambda m: reports.append(m.text) if "Content Security Policy" in m.text else None)
    return reports


def test_control_a_page_that_does_not_escape_is_noticed(visitor):
    somebody: Visitor = visitor()
    page, html = somebody.page, f"<!doctype html><main>{CANARY}</main>"
    policy = {"Content-Security-Policy": "default-src 'self'"}
    page.route("**/open/", lambda route: route.fulfill(status=200, content_type="text/html", body=html))
    page.route(
        "**/held/",
        lambda route: route.fulfill(status=200, content_type="text/html", body=html, headers=policy),
    )
    reports = watched(page)

    page.goto("/open/")
    assert page.evaluate("window.hit") == 1
    assert page.locator("main img[src=x], main script").count() == 2
    page.goto("/held/")
    assert page.evaluate("window.hit") is None
    assert reports
