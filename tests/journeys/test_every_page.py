"""Every page that anybody can open, on a wide light and a narrow dark screen, and every address seen by somebody."""

import secrets
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
from django.urls import URLPattern, URLResolver
from playwright.sync_api import Page, expect

from claims.sheets.columns import COLUMNS
from dev.environment import Site
from mail.models.wishes import derived
from tests.breadth import some

from . import steps
from .crawling import ADDRESSES, DOWNLOADS, crawl, kind_on, route_of
from .inspection import Inspection
from .post import PostOffice
from .visitors import Visitor

ENGAGEMENT = "Microsoft Viva Workshop"
DOMAIN = "treyresearch.net"
# Who walks through the portal and how many kinds of pages they find at least: people with an account by all links,
# the others by the one way that is theirs.
SIDES = {
    "portal": {
        "admin@fridayinc.example": 30,
        "user@fridayinc.example": 45,
        "nobody@fridayinc.example": 3,
        "admin@northwind.example": 26,
        "anybody": 18,
        "an account": 10,
        "a claim": 30,
    },
    "desk": {
        "reviewer@microsoft.example": 20,
        "lead@microsoft.example": 15,
        "owner@microsoft.example": 30,
        "the audit": 1,
        "support@microsoft.example": 15,
        "auditor@microsoft.example": 15,
    },
}
# They see no kind of page that is not seen on the other ways, and walk in `python3 run.py faults`.
LATER = {"admin@northwind.example"}
LATER |= {f"{role}@microsoft.example" for role in ("lead", "support", "auditor")}
# These begin with a claim in each status, or an uploaded list in each state and an enrolment in each status; the others
# find what they may see.
CLAIMS = """
    SELECT DISTINCT ON (claim.status) '{}' || claim.id || '{}', claim.status FROM claims_claim claim
    JOIN incentives_location location ON location.id = claim.location_id
    WHERE location.partner_number IN (5272302, 5287170) ORDER BY claim.status, claim.id"""
LISTS = """
    SELECT DISTINCT ON (state) '/desk/engagements/engagement/' || engagement_id || '/customers/uploads/' || id || '/',
    state FROM engagements_listupload ORDER BY state, id"""
ENROLMENTS = """
    SELECT DISTINCT ON (status) '/desk/incentives/enrolment/' || id || '/change/',
    status FROM incentives_enrolment ORDER BY status, id"""
BEGINNINGS = {
    "user@fridayinc.example": CLAIMS.format("/claims/", "/"),
    "reviewer@microsoft.example": CLAIMS.format("/desk/claims/claim/", "/change/"),
    "owner@microsoft.example": f"({LISTS}) UNION ALL ({ENROLMENTS})",
}
# Addresses that show nothing: they act (POST), lead on, download, or answer machines.
ACT = {"incentives:enrol", "incentives:sign_out", "surveys:send", "claims:add", "claims:submission"}
ACT |= {
    "claims:ask_export",
    "claims:export_cancellation",
    "claims:add_sheet",
    "claims:sheet_claims",
    "claims:sheet_cancellation",
    "claims:sheet_removal",
    "claims:save_view",
    "claims:view_removal",
    "claims:columns",
    "claims:queued_removal",
    "claims:comments",
    "claims:upload",
    "claims:removal",
    "admin:claims_claim_decision",
}
ACT |= {"admin:claims_claim_comments", "admin:engagements_material_versions"}
ACT |= {"admin:engagements_catalogue_load", "incentives:sign_out_everywhere", "incentives:unassign"}
ACT |= {"incentives:activate", "incentives:invite_again", "incentives:reminders", "door:reminders_again"}
ACT |= {"admin:engagements_engagement_customers_cancellation", "admin:incentives_enrolment_reinstatement"}
ACT |= {"admin:mail_message_retry", "admin:mail_message_resumption"}
LEAD_ON = {"incentives:home", "consent:start", "door:consent", "door:customer_survey", "door:partner_survey"}
LEAD_ON |= {"door:invitation", "door:password_reset"}
FILES = DOWNLOADS
MACHINES = {"incentives:alive", "incentives:ready"}
# Django's own, which are open to nobody or lead on.
NOBODYS = {"admin:app_list", "admin:view_on_site", "admin:logout", "admin:jsi18n", "admin:autocomplete"}
NOBODYS |= {f"admin:auth_group_{page}" for page in ("changelist", "add", "delete", "history", "change")}
NOBODYS |= {"admin:None"}


@pytest.fixture(scope="module")
def walk(
    site: Site, newcomer: Callable[[], Visitor], post: PostOffice, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Inspection]:
    """What somebody found on their way, each way walked once."""

    @cache
    def walked(who: str) -> Inspection:
        visitor = newcomer()
        inspection = Inspection(visitor.page)
        if "@" in who:
            as_a_person(inspection, visitor, who, site)
        elif who == "anybody":
            as_anybody(inspection)
            reminded_no_more(inspection, site)
        elif who == "the audit":
            visitor.sign_in("auditor@microsoft.example")
            inspection.visit("/desk/incentives/auditentry/")
        elif who == "an account":
            through_an_account(inspection, visitor, post)
        else:
            through_a_claim(inspection, visitor, post, tmp_path_factory.mktemp("documents"))
        print(f"\n{who}: {len(inspection.looked_at)} pages", *inspection.looked_at, sep="\n  ")
        return inspection

    return walked


def as_a_person(inspection: Inspection, visitor: Visitor, email: str, site: Site) -> None:
    """From the page after sign-in along all links."""
    visitor.sign_in(email)
    told_apart = beginnings(email, site)
    crawl(inspection, [visitor.page.url, *told_apart], kind_of=kind_on(site.address, told_apart))
    if email in BEHIND_THEIR_PAYEE_PAGE:
        BEHIND_THEIR_PAYEE_PAGE[email](inspection, f"/incentives/payee/{las_vegas(site)}/")
    if email == "owner@microsoft.example":
        in_question(inspection)


def refused_details(inspection: Inspection, address: str) -> None:
    """Both forms of a payee profile, sent as nobody should."""
    page = inspection.page
    for half, field in (("bank", "IBAN"), ("tax", "Tax number")):
        page.goto(address)
        form = page.get_by_role("form", name=f"{half.capitalize()} details")
        form.get_by_label("country/region").select_option(label="Hungary")
        form.get_by_label(field).fill("HU00 １２３")
        form.get_by_role("button", name=f"Save {half} details").click()
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        inspection.look(f"{half} details refused", refused=422)


def in_question(inspection: Inspection) -> None:
    """What the owner is asked, and refused, before a deed that cannot be taken back."""
    page = inspection.page
    page.goto("/desk/incentives/programmeterms/add/")
    page.get_by_role("button", name="Review change").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    inspection.look("program terms refused", refused=422)
    page.get_by_label("Version").fill("not published")
    page.get_by_label("Title").fill("Terms")
    page.get_by_label("In force from").fill(page.evaluate(NEARLY_TWO_YEARS_AHEAD))
    page.get_by_label("Text").fill("What a location agrees to.")
    page.get_by_role("button", name="Review change").click()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    inspection.look("program terms in question")
    page.goto("/desk/incentives/enrolment/?status=invited")
    page.locator("#result_list a").last.click()
    page.get_by_role("link", name="Discontinue enrollment").click()
    page.get_by_role("button", name="Discontinue", exact=True).click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    inspection.look("a discontinuation without a reason", refused=422)


NEARLY_TWO_YEARS_AHEAD = "new Date(Date.now() + 729 * 86400000).toISOString().slice(0, 10)"


def whom_to_ask(inspection: Inspection, address: str) -> None:
    inspection.visit(address, refused=403, kind="bank and tax details for an Incentive User")


# Whoever reaches the page of a location's bank and tax details, and what it says to them.
BEHIND_THEIR_PAYEE_PAGE = {
    "admin@fridayinc.example": refused_details,
    "user@fridayinc.example": whom_to_ask,
}


def las_vegas(site: Site) -> int:
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT id FROM incentives_location WHERE partner_number = 5272302")
        return found.fetchone()[0]


def beginnings(email: str, site: Site) -> dict[str, tuple[str]]:
    """Addresses that are told apart, each by the status of what it shows."""
    if email not in BEGINNINGS:
        return {}
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        return {address: (status,) for address, status in connection.execute(BEGINNINGS[email])}


def as_anybody(inspection: Inspection) -> None:
    """What is open to everybody, and what the portal says when something is wrong."""
    page = inspection.page
    inspection.visit("/sign-in/")
    page.get_by_role("button", name="Sign in").click()
    inspection.look("sign-in with nothing typed", refused=422)
    page.context.clear_cookies()
    page.get_by_role("button", name="Sign in").click()
    inspection.look("a form without its cookie", refused=403)
    inspection.visit("/password-reset/")
    page.get_by_role("button", name="Send link").click()
    inspection.look("no address for a reset", refused=422)
    inspection.visit("/password-reset/sent/")
    inspection.visit(f"/password-reset/{'0' * 32}/", refused=404)
    inspection.visit(f"/invitation/{'0' * 31}/", refused=404)
    inspection.visit("/no-such-page/", refused=404)
    inspection.visit("/claims/?search=%00", refused=400)
    inspection.visit(f"/consent/{'0' * 32}/", refused=404)
    inspection.visit(f"/survey/customer/{'0' * 31}/", refused=404)
    inspection.visit("/consent/answer/1/", refused=404)
    inspection.visit("/consent/process/")
    inspection.visit(f"/reminders/1/{'0' * 32}/", refused=404)
    inspection.visit("/demo/mailbox/")
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_text("The same as plain text")).to_be_visible()
    inspection.look("a letter")


def reminded_no_more(inspection: Inspection, site: Site) -> None:
    """What the link at the foot of a reminder leads to, and back again."""
    page = inspection.page
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        number, to = connection.execute('SELECT id, "to" FROM mail_message ORDER BY id LIMIT 1').fetchone()
    inspection.visit(f"/reminders/{number}/{derived(site.env['SECRET_KEY'], to)}/")
    page.get_by_role("button", name="Send me no more reminders").click()
    expect(page.get_by_role("heading", name="You receive no more reminders")).to_be_visible()
    inspection.look("reminders stopped")
    page.get_by_role("button", name="Send me reminders again").click()
    expect(page.get_by_role("heading", name="Do you want no more reminders?")).to_be_visible()


def through_a_claim(inspection: Inspection, visitor: Visitor, post: PostOffice, folder: Path) -> None:
    """What opens only on the way: steps of wizards, panels over a page, refusals, and the customer's own pages."""
    page = visitor.sign_in("user@fridayinc.example")
    case = add_customer(inspection, page)
    over_the_claim(inspection, page, case)
    lists_and_refusals(inspection, case)
    a_sheet_of_claims(inspection, folder)
    ask_for_consent(inspection, page, case)
    subject = f"Action required: Confirm participation in the {ENGAGEMENT}"
    link = post.letter(case.contact, subject).link
    answer(inspection, page, link, "consent", lambda form: form.get_by_label("Yes", exact=True).check())
    inspection.visit(link, refused=410)
    page.goto(f"/claims/{case.number}/")
    steps.upload(page, "Invoice", folder)
    inspection.look("a claim with a document")
    page.get_by_role("button", name="Send Customer Survey").click()
    expect(page.get_by_role("button", name="Re-Send Customer Survey")).to_be_visible()
    subject = f"Action required: Complete customer survey for the {ENGAGEMENT}"
    answer(inspection, page, post.letter(case.contact, subject).link, "survey", steps.fill_survey)
    page.goto(f"/claims/{case.number}/survey/")
    inspection.look("the partner's survey")


def through_an_account(inspection: Inspection, visitor: Visitor, post: PostOffice) -> None:
    """What an invited person, and one who forgot the password, come to see; and refusals on the way."""
    page, email = visitor.sign_in("admin@northwind.example"), "every-page@northwind.example"
    page.goto("/account/")
    page.get_by_role("link", name="View permissions").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspection.look("over the account: permissions")
    page.goto("/account/password/")
    page.get_by_role("button", name="Change password").click()
    inspection.look("an untouched change of the password", refused=422)
    inspection.visit("/account/users/?search=nobody-is-called-so")
    inspection.visit("/account/audit/?sort=nonsense", refused=422)
    page.goto("/account/users/")
    page.get_by_role("link", name="Invite user").click()
    page.get_by_label("Full name").fill("Every Page")
    page.get_by_role("textbox", name="E-mail address").fill("admin@northwind.example")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("already uses this address").first).to_be_visible()
    inspection.look("a colleague invited", refused=422)
    page.get_by_role("textbox", name="E-mail address").fill(email)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text("An invitation is on its way")).to_be_visible()
    inspection.look("an invited person")
    page.get_by_role("link", name="Withdraw invitation").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspection.look("over the person: withdraw the invitation")
    page.goto(post.letter(email, "Action required: Accept your invitation to Partner Center").link)
    inspection.look("an invitation")
    page.get_by_role("button", name="Create account").click()
    inspection.look("an invitation sent untouched", refused=422)
    page.get_by_label("New password").fill("every page has its own")
    page.get_by_label("Confirm password").fill("every page has its own")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Your account is ready.")).to_be_visible()
    page.goto("/password-reset/")
    page.get_by_role("textbox", name="E-mail address").fill(email)
    page.get_by_role("button", name="Send link").click()
    page.goto(post.letter(email, "Set a new password for Partner Center").link)
    inspection.look("a reset")


def add_customer(inspection: Inspection, page: Page) -> steps.Case:
    steps.open_wizard(page, ENGAGEMENT)
    inspection.look("add customer: customer")
    steps.fill_customer(page, "Every page", "not a domain")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("One thing needs to be mended")).to_be_visible()
    inspection.look("add customer: customer refused", refused=422)
    page.get_by_role("textbox", name="Customer ID", exact=True).fill(DOMAIN)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Associate engagement")).to_be_visible()
    inspection.look("add customer: engagement")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Contact Information")).to_be_visible()
    inspection.look("add customer: contacts")
    contact = steps.fill_contacts(page, "Every page", DOMAIN)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Review and complete")).to_be_visible()
    inspection.look("add customer: review")
    page.get_by_role("button", name="Add Customer", exact=True).click()
    expect(page.locator("dialog").get_by_text("Customer successfully claimed")).to_be_visible()
    inspection.look("add customer: done")
    number = page.locator("dialog").get_by_role("link").first.inner_text()
    page.get_by_role("link", name="Done").click()
    return steps.Case(number, ENGAGEMENT, contact)


def over_the_claim(inspection: Inspection, page: Page, case: steps.Case) -> None:
    """The panels and questions that open over a claim without leaving its page."""
    steps.open_claim(page, case.number)
    for name in ("Edit customer information", "Edit partner information", "Cancel claim"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        inspection.look(f"over the claim: {name}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    inspection.visit(f"/claims/{case.number}/history/")
    page.goto(f"/claims/{case.number}/")
    page.get_by_role("button", name="Save comments").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    inspection.look("an empty comment", refused=422)


def lists_and_refusals(inspection: Inspection, case: steps.Case) -> None:
    for address in ("/claims/", "/engagements/"):
        inspection.visit(f"{address}?search=nothing-is-called-so")
        inspection.visit(f"{address}?sort=nonsense", refused=422)
    inspection.visit("/claims/?status=approved&status=rejected")
    page = inspection.page
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name", exact=True).fill("Every page")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("The view “Every page” is saved.")).to_be_visible()
    page.goto("/claims/views/")
    page.get_by_role("link", name="Change Every page").click()
    inspection.look("a saved view")
    inspection.visit("/claims/999999999/", refused=404)
    inspection.visit(f"/claims/{case.number}/survey/", refused=403)


def a_sheet_of_claims(inspection: Inspection, folder: Path) -> None:
    """A sheet that is refused as a whole, and one of which every row is to be mended."""
    page = inspection.page
    headings = [str(column.heading) for column in COLUMNS]
    page.goto("/claims/sheets/")
    for name, lines in (("refused.csv", ["Price"]), ("wrong.csv", [",".join(headings), "A,B,C,D,E,F,G"])):
        path = folder / name
        path.write_text("\n".join(lines))
        page.get_by_role("button", name="File").set_input_files(path)
        page.get_by_role("button", name="Upload and check").click()
        if name == "refused.csv":
            expect(page.locator("[aria-invalid=true]").first).to_be_visible()
            inspection.look("a sheet refused", refused=422)
    expect(page.get_by_role("main").get_by_text("No claim can be created from this sheet")).to_be_visible()
    inspection.look("a checked sheet")


def ask_for_consent(inspection: Inspection, page: Page, case: steps.Case) -> None:
    steps.open_claim(page, case.number)
    page.get_by_role("link", name="Send email for customer consent").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspection.look("request consent: contacts")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Deal size")).to_be_visible()
    inspection.look("request consent: deal")
    page.get_by_label("Deal size").fill("5000")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("checkbox")).to_be_visible()
    inspection.look("request consent: review")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send for consent").click()
    expect(page.locator("dialog").get_by_text("Consent email successfully")).to_be_visible()
    inspection.look("request consent: sent")
    inspection.visit(f"/claims/{case.number}/consent-request/sent/")


def answer(inspection: Inspection, page: Page, link: str, what: str, fill: Callable[[Page], None]) -> None:
    """Open a link, send its form untouched, then filled in."""
    page.goto(link)
    inspection.look(f"{what}: the form")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("[aria-invalid=true], .field--bad, .question--bad").first).to_be_visible()
    inspection.look(f"{what}: sent untouched", refused=422)
    fill(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    inspection.look(f"{what}: thanks")


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        pytest.param(who, pages, marks=[pytest.mark.faults] * (who in LATER))
        for people in SIDES.values()
        for who, pages in people.items()
    ],
)
def test_nothing_is_wrong_with_any_page(who, pages, walk):
    found = walk(who)

    assert list(dict.fromkeys(found.faults)) == []
    assert len(found.looked_at) >= pages


@pytest.mark.parametrize("person", ["user@fridayinc.example", "reviewer@microsoft.example"])
def test_a_claim_is_seen_in_each_status(person, walk, site):
    statuses = {status for (status,) in beginnings(person, site).values()}

    assert len(statuses) == 16
    assert statuses <= {word for name in walk(person).looked_at for word in name.split()}


@pytest.mark.long
@pytest.mark.parametrize("side", SIDES)
def test_every_address_is_seen_by_somebody(side, walk):
    people = some(SIDES[side], first=SIDES[side].keys() - LATER)
    seen = {route_of(address) for who in people for address in walk(who).addresses}

    pages = {name for name in names_in(ADDRESSES) if name.startswith("admin:") == (side == "desk")}
    assert pages - ACT - LEAD_ON - FILES - MACHINES - NOBODYS - seen == set()


def names_in(resolver: URLResolver, space: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}"
        else:
            yield from names_in(entry, f"{space}{entry.namespace}:" if entry.namespace else space)


PLANTED = (
    "label (",
    "color-contrast (",
    "cut off: the page itself",
    "cut off: nothing below the page's end",
    "script error: planted",
    "compressed HTML",
    "answers [500], expected []",
)
# Words that do not compress.
HEAVY = f"<!doctype html><title>Heavy</title><p>{secrets.token_hex(100_000)}</p>"
FAULTY = """<!doctype html><html lang="en"><head><title>Faulty</title></head><body><main><h1>Faulty</h1>
<form><input type="text" name="unlabelled"><label for="two">One</label><input id="two"><input id="two"></form>
<p style="color: #999; background: #aaa">Pale</p><div style="width: 2000px">Wide</div>
<span style="position: absolute; top: 3000px">Below</span>
<script>throw new Error("planted")</script></main></body></html>"""


def test_the_inspection_finds_what_is_planted(visitor):
    """The control: each kind of fault, put on a page of its own, is reported."""
    page = visitor().page
    inspection = Inspection(page)
    page.route("**/planted/", lambda route: route.fulfill(status=200, content_type="text/html", body=FAULTY))
    page.route("**/heavy/", lambda route: route.fulfill(status=500, content_type="text/html", body=HEAVY))

    inspection.visit("/planted/")
    inspection.visit("/heavy/")

    report = "\n".join(inspection.faults)
    assert [fault for fault in PLANTED if fault not in report] == []


def test_what_is_passed_by_without_being_drawn_must_answer_all_the_same(visitor):
    """The control of the short way: the second time nothing is drawn, and the refusal is reported all the same."""
    inspection = Inspection(visitor().page)
    inspection.pass_by("/no-such-page/", kind="planted")
    drawn = inspection.faults.copy()

    inspection.pass_by("/no-such-page/", kind="planted")

    assert drawn == ["planted: answers [404], expected []"]
    assert inspection.faults == drawn * 2
