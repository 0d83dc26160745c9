"""One-time links in a real browser: scanners spend nothing (L03, L04), and the key is left nowhere (L02, L05-L07)."""

import json
import socket
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import cycle, islice, product
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Page, Request, expect

from dev.environment import Site
from tests.breadth import everybody

from . import hurried, steps
from .another_web import another_web
from .calling import Caller
from .post import PostOffice
from .traces import Secrets, everything_in_redis, overheard
from .visitors import Visitor

ENGAGEMENT = "Microsoft Viva Insights Workshop"
# How the mail programs and gateways call themselves that open links before people do.
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) {}Chrome/126.0"
SCANNERS = {
    "Safe Links": CHROME.format("") + " Safari/537.36 Edg/126.0",
    "Proofpoint": CHROME.format("Headless") + " Safari/537.36",
    "Outlook": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17726; Pro)",
    "Exchange": "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; ms-office)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Barracuda": "BarracudaCentral/1.0 (link protection)",
    "Mimecast": "Mozilla/5.0 (compatible; MimecastUrlScanner/2.0)",
    "Apple Mail": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp": "WhatsApp/2.23.20.0",
    "curl": "curl/8.5.0",
}


@dataclass
class Trail:
    """All that a customer's browser sent and kept on the way from the first link to the last thanks."""

    consent_link: str
    survey_link: str = ""
    finished: list[Request] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    redis: list[str] = field(default_factory=list)

    def follow(self, request: Request) -> None:
        self.finished.append(request)

    @cached_property
    def requests(self) -> list[tuple[Request, dict[str, str]]]:
        return [(request, request.all_headers()) for request in self.finished]

    @property
    def keys(self) -> list[str]:
        return [key_of(link) for link in (self.consent_link, self.survey_link)]


def key_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


@pytest.fixture(scope="module")
def people(newcomer: Callable[..., Visitor]) -> tuple[Visitor, Visitor]:
    return newcomer(), newcomer()


@pytest.fixture(scope="module")
def asked(people: tuple[Visitor, Visitor], post: PostOffice) -> str:
    """The mailed link of a request for consent that nobody in this file answers."""
    return invited(people[0].sign_in("user@fridayinc.example"), post, "Only looked at")[1]


def invited(page: Page, post: PostOffice, name: str) -> tuple[steps.Case, str]:
    case = steps.add_customer(page, ENGAGEMENT, "humongousinsurance.com", name)
    steps.request_consent(page, case.number)
    return case, post.letter(case.contact, f"Action required: Confirm participation in the {ENGAGEMENT}").link


@pytest.fixture(scope="module")
def trail(people: tuple[Visitor, Visitor], post: PostOffice, site: Site) -> Trail:
    """A customer consents and answers the survey, each time after pressing Submit on the untouched form."""
    partner, customer = people
    page = partner.sign_in("user@fridayinc.example")
    with overheard(site.env["REDIS_URL"]) as heard:
        case, link = invited(page, post, "Left nowhere")
        walked = Trail(link, redis=heard)
        customer.page.on("requestfinished", walked.follow)
        look_around(customer.page, walked, link, "Customer consent")
        customer.page.get_by_label("Yes", exact=True).check()
        finish(customer.page, walked)
        page.goto(f"/claims/{case.number}/")
        page.get_by_role("button", name="Send Customer Survey").click()
        subject = f"Action required: Complete customer survey for the {ENGAGEMENT}"
        walked.survey_link = post.letter(case.contact, subject).link
        look_around(customer.page, walked, walked.survey_link, "Customer Survey")
        steps.fill_survey(customer.page)
        finish(customer.page, walked)
        # The browser tells of a request a moment after its page is there.
        with customer.page.expect_request_finished(lambda request: request.url == walked.survey_link):
            customer.page.goto(walked.survey_link)
    return walked


def look_around(page: Page, walked: Trail, link: str, heading: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    keep(page, walked)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    keep(page, walked)


def finish(page: Page, walked: Trail) -> None:
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    keep(page, walked)


# Wherever a page can see where it is and was, and whatever it stores.
KEPT = """() => [location.href, document.title, document.referrer, document.documentElement.outerHTML,
  JSON.stringify(history.state), JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}),
  ...navigation.entries().map((entry) => entry.url),
  ...performance.getEntries().map((entry) => entry.name)]"""


def keep(page: Page, walked: Trail) -> None:
    walked.kept += page.evaluate(KEPT)
    walked.kept += [json.dumps(cookie) for cookie in page.context.cookies()]


def answers(site: Site, link: str) -> tuple[bool, int]:
    """Whether the link is used up, and how many answers stand on it."""
    query = """SELECT link.used_at IS NOT NULL, count(answer.id) FROM mail_link link
        LEFT JOIN consent_consentanswer answer ON answer.link_id = link.id
        WHERE link.digest = encode(sha256(%s), 'hex') GROUP BY link.id"""
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        ((used, number),) = connection.execute(query, [key_of(link).encode()]).fetchall()
    return used, number


def test_the_count_of_answers_counts(trail, site):
    """The control of the tests below: a link that was answered is seen to be spent."""
    assert answers(site, trail.consent_link) == (True, 1)


@pytest.mark.parametrize("scanner", everybody(SCANNERS, first={"Safe Links", "Outlook"}))
def test_a_scanner_spends_nothing(asked, visitor, site, scanner):
    """HEAD, GET, running the page's script, and pointing at everything on it (L03)."""
    page = visitor(user_agent=SCANNERS[scanner]).page
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method != "GET" else None)

    assert page.request.head(asked).status == 200
    assert page.request.fetch(asked, method="OPTIONS").status == 405
    assert page.request.get(asked).status == 200
    page.goto(asked)
    for part in page.locator("a:visible, button:visible, input:visible, label:visible").all():
        part.hover(force=True)

    assert posts == []
    assert answers(site, asked) == (False, 0)


def test_a_hundred_looks_at_once_leave_the_link_to_its_customer(site, post):
    """Each from another machine, as another scanner; then the customer answers in two browsers at once (L03, R02)."""
    partner = Caller(site.address)
    partner.sign_in("user@fridayinc.example")
    case = hurried.claim(partner, ENGAGEMENT, "consolidatedmessenger.com", "Much looked at")
    hurried.request_consent(partner, case)
    link = hurried.asked_for_consent(post, case)
    kinds = islice(cycle(product(("GET", "HEAD"), SCANNERS.values())), 100)
    looks = [partial(Caller(site.address).get, link, method, **{"User-Agent": it}) for method, it in kinds]

    assert {page.status for page in hurried.all_at_once(looks)} == {200}
    assert answers(site, link) == (False, 0)

    browsers = [Caller(site.address) for _ in range(2)]
    forms = [browser.get(link).path for browser in browsers]
    sent = [partial(it.post, form, {"answer": "yes"}) for it, form in zip(browsers, forms, strict=True)]
    first, second = sorted(page.status for page in hurried.all_at_once(sent))
    assert first == 200 and second in {409, 410}
    assert answers(site, link) == (True, 1)


def test_pressing_every_button_of_the_untouched_form_records_nothing(asked, visitor, site):
    """Nothing is chosen beforehand, so there is nothing to send; the form stays usable (L04)."""
    page = visitor().page
    page.goto(asked)
    assert page.locator("input:checked").count() == 0

    for number in range(page.get_by_role("button").count()):
        page.get_by_role("button").nth(number).click()
        expect(page.get_by_role("alert").first).to_be_visible()

    assert answers(site, asked) == (False, 0)
    page.get_by_label("Yes", exact=True).check()
    expect(page.get_by_role("button", name="Submit")).to_be_enabled()


def test_the_browser_keeps_no_key(trail):
    """Not in address bar, page, title, history, storage or cookies (L05)."""
    origin = f"{urlsplit(trail.consent_link).scheme}://{urlsplit(trail.consent_link).netloc}"

    assert [text for text in trail.kept if Secrets(*trail.keys).in_text(text)] == []
    assert any(text.startswith(f"{origin}/consent/answer/") for text in trail.kept)
    assert any(text.startswith(f"{origin}/survey/answer/") for text in trail.kept)


def test_no_request_passes_the_key_on(trail):
    """Only opening the link itself carries it; no Referer, no HX-Current-URL, no cookie, no body (L05, L06)."""
    secrets = Secrets(*trail.keys)
    opened = [request.url for request, _ in trail.requests if secrets.in_text(request.url)]

    assert opened == [trail.consent_link, trail.survey_link, trail.survey_link]
    for request, headers in trail.requests:
        assert not secrets.in_text(json.dumps(headers | {":path": ""})), request.url
        assert not secrets.in_text(request.post_data or "")
    assert any("/static/" in request.url and "referer" in headers for request, headers in trail.requests)


def test_no_request_leaves_the_portal(trail, site):
    assert {urlsplit(request.url).netloc for request, _ in trail.requests} == {urlsplit(site.address).netloc}


def test_the_key_is_stored_nowhere(trail, site):
    """Not in any table, session, Redis value or command, or file of the data folder (L02)."""
    secrets = Secrets(*trail.keys)
    stored = everything_in_redis(site.env["REDIS_URL"])

    assert secrets.in_database(site.env["DATABASE_URL"]) == []
    assert not secrets.in_text(stored)
    assert [command for command in trail.redis if secrets.in_text(command)] == []
    assert secrets.in_files(site.data) == []


def test_what_is_stored_would_be_found(trail, site, tmp_path):
    """The control of the test above: words that are known to be stored are found in each place."""
    contact = "left-nowhere@humongousinsurance.com"
    (tmp_path / "log").write_text(f"sent to {contact}")

    assert {"claims_claim", "mail_message"} <= set(Secrets(contact).in_database(site.env["DATABASE_URL"]))
    assert "an unpacked session" in Secrets("opened_links").in_database(site.env["DATABASE_URL"])
    assert Secrets(contact).in_files(tmp_path) == ["log"]
    assert any("deliver" in command for command in trail.redis)
    coded = [b64encode(b"x" * offset + contact.encode() + b"yz").decode() for offset in range(3)]
    assert all(Secrets(contact).in_text(text) for text in (contact.upper(), contact.encode().hex(), *coded))


def test_no_log_line_carries_a_key(asked, trail, site, browser, tmp_path: Path):
    """Also where requests with a living key fail: forged, misplaced, cut off, used up, and with no database (L07)."""
    with another_web(site, tmp_path / "web.log", DEMO="0", PORTAL_URL="http://localhost:{port}") as web:
        knock(web.port, asked, trail)
    broken = {"DATABASE_URL": "postgresql://portal@127.0.0.1:1/portal", "DEMO": "0", "DATABASE_POOL": "0"}
    with another_web(site, tmp_path / "broken.log", PORTAL_URL="http://localhost:{port}", **broken) as portal:
        statuses = [status_of(portal.port, "GET", urlsplit(link).path) for link in (asked, trail.survey_link)]

    assert set(statuses) <= {500, 503}
    said = (tmp_path / "web.log").read_text() + (tmp_path / "broken.log").read_text()
    assert [mark for mark in MARKS if mark not in said] == []
    assert [line for line in said.splitlines() if Secrets(*trail.keys, key_of(asked)).in_text(line)] == []


def test_a_link_that_was_cut_off_is_no_hint_in_the_log(asked, site, tmp_path: Path):
    """Of a broken link in a mail one character is missing; who reads the log must not have to guess just that one."""
    with another_web(site, tmp_path / "web.log", DEMO="0", PORTAL_URL="http://localhost:{port}") as web:
        assert status_of(web.port, "GET", f"/consent/{key_of(asked)[:-1]}/") == 404

    assert "Not Found: /consent/" in web.said
    assert key_of(asked)[:16] not in web.said


MARKS = ("Not Found: /", "Gone: /consent/", "Forbidden (CSRF", "[link]", "Traceback")


def knock(port: int, asked: str, trail: Trail) -> None:
    """Every way to fail with a key in one's hand."""
    path, key = urlsplit(asked).path, key_of(asked)
    used = urlsplit(trail.consent_link).path
    wanted = [
        ("GET", path, 302),
        ("POST", path, 403),
        ("PUT", path, 403),
        ("GET", used, 410),
        ("GET", f"/survey/customer/{key}/", 404),
        ("GET", f"/consent/{key.upper()}/", 302),
        ("GET", f"/no-such-page/{key}/", 404),
        ("GET", f"/claims/?search={key}", 302),
        ("GET", f"{path} and more", 400),
    ]
    assert [(method, where, status_of(port, method, where)) for method, where, _ in wanted] == wanted


def status_of(port: int, method: str, path: str) -> int:
    """The status of an answer to a request that is written as given, even where no client would."""
    request = f"{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request.encode())
        with client.makefile("rb") as answer:
            return int(answer.readline().split()[1])
