"""A customer says No, for each reason; who then looks wherever a partner can look finds no reason (CON-4)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

import pytest
from playwright.sync_api import expect

from . import hurried
from .calling import Caller
from .conftest import said_by
from .post import PostOffice
from .reaching import reach, written_in
from .steps import Case
from .traces import Secrets, everything_in_redis
from .visitors import Visitor

ENGAGEMENT = "Threat Protection Envisioning Workshop"
# Each reason by its label, with the customer who gives it: their domain and their name.
REASONS = {
    "Partner is unknown": ("bellowscollege.com", "Bellows College"),
    "Don't wish to work with partner": ("fourthcoffee.com", "Fourth Coffee"),
    "Don't wish to do the engagement": ("margiestravel.com", "Margie's Travel"),
    "Other": ("nodpublishers.com", "Nod Publishers"),
}
IN_THEIR_WORDS = "Quokkabruise"
# What the customer chose as people and as programs call it; of “Other”, which stands in many places, the words typed.
TOLD = Secrets(
    IN_THEIR_WORDS,
    *("Partner is unknown", "wish to work with partner", "wish to do the engagement"),
    *("unknown_partner", "not_this_partner", "not_this_engagement"),
)
# A word that our partner typed as the name of each claim: whoever looks everywhere finds it.
NAMED = Secrets("Numbatway", "numbatway")
OURS = ("user@fridayinc.example", "admin@fridayinc.example")
STRANGERS = ("nobody@fridayinc.example", "admin@northwind.example")
STARTS = ["/", "/claims/", "/engagements/", "/incentives/", "/claims/exports/", "/account/"]


@dataclass
class Declined:
    """The four claims by the reason of their customer, and what everybody of the partners' can read since."""

    cases: dict[str, Case] = field(default_factory=dict)
    read: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def numbers(self) -> set[str]:
        return {case.number for case in self.cases.values()}

    def where(self, words: Secrets, *people: str) -> set[str]:
        return {door for who in people for door, text in self.read[who] if words.in_text(text)}


@pytest.fixture(scope="module")
def declined(
    signed_in: Callable[[str], Caller], post: PostOffice, newcomer: Callable[..., Visitor]
) -> Declined:
    """Four customers open the link in their mail and say No in a browser; then everybody looks everywhere."""
    partner, walked = signed_in("user@fridayinc.example"), Declined()
    for reason, (domain, _customer) in REASONS.items():
        case = walked.cases[reason] = hurried.claim(partner, ENGAGEMENT, domain, f"Numbatway {domain}")
        hurried.request_consent(partner, case)
        decline(newcomer(), hurried.asked_for_consent(post, case), reason)
    starts = STARTS + [f"/claims/{it}/{page}" for it in sorted(walked.numbers) for page in ("", "history/")]
    for who in OURS + STRANGERS:
        caller = signed_in(who)
        if who in OURS:
            export_in_the_background(caller)
        walked.read[who] = list(reach(caller, starts, walked.numbers))
    return walked


def decline(customer: Visitor, link: str, reason: str) -> None:
    page = customer.page
    page.goto(link)
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("You answered No: choose the reason.").first).to_be_visible()
    page.get_by_label(reason, exact=True).check()
    if reason == "Other":
        page.get_by_label("Please provide a reason").fill(f"{IN_THEIR_WORDS}, and no time.")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Thank you, your answer was recorded")).to_be_visible()
    expect(page.get_by_text("The partner learns that you declined, not why.")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link has already been used")).to_be_visible()


def export_in_the_background(caller: Caller) -> None:
    """Files in both formats, ready to be fetched."""
    for file_format in ("csv", "xlsx"):
        caller.post("/claims/exports/new/", {"format": file_format, "query": ""})
    for _time in range(120):
        if caller.get("/claims/exports/").text.count("/file/") >= 2:
            return
        time.sleep(0.5)
    raise AssertionError("The exports did not become ready.")


def test_no_partner_can_read_a_reason(declined):
    """On no page, in no fragment, in no file (CSV and XLSX, at once and in the background)."""
    assert declined.where(TOLD, *OURS, *STRANGERS) == set()


def test_control_the_same_walk_finds_what_the_partner_wrote(declined):
    doors = {"claims:detail", "claims:list", "engagements:customers", "claims:list as a fragment"}
    doors |= {"claims:export", "claims:export_file"}

    assert doors - declined.where(NAMED, *OURS) == set()
    assert "claims:history" in declined.where(Secrets(*declined.numbers), *OURS)
    files = [text for door, text in declined.read[OURS[0]] if door in {"claims:export", "claims:export_file"}]
    kinds = {re.search("Content-Type: (.+)", text)[1] for text in files if NAMED.in_text(text)}
    assert len(kinds) == 2, kinds


def test_who_has_no_role_there_does_not_even_read_that_somebody_declined(declined):
    assert declined.where(NAMED, *STRANGERS) == set()


def test_no_mail_tells_a_reason(declined, post):
    letters = [written_in(letter.headers) for letter in post.letters]

    assert [letter for letter in letters if TOLD.in_text(letter)] == []
    assert sum(NAMED.in_text(letter) for letter in letters) >= len(REASONS)


def test_nothing_that_is_logged_or_queued_tells_a_reason(declined, signed_in, site):
    signed_in(OURS[0]).get("/no-such-page/Numbatway/")

    assert not TOLD.in_text(said_by(site))
    assert NAMED.in_text(said_by(site))
    assert not TOLD.in_text(everything_in_redis(site.env["REDIS_URL"]))


def test_one_table_keeps_the_reasons(declined, site):
    """So no line of history does, nor a comment, a mail or a session."""
    assert Secrets(IN_THEIR_WORDS).in_database(site.env["DATABASE_URL"]) == ["consent_consentanswer"]
    assert "claims_claim" in NAMED.in_database(site.env["DATABASE_URL"])


@pytest.mark.parametrize("page", ["", "history/"])
def test_what_a_partner_reads_is_the_same_whatever_the_reason(declined, signed_in, page):
    partner = signed_in(OURS[0])
    pages = {reason: partner.get(f"/claims/{it.number}/{page}").text for reason, it in declined.cases.items()}
    texts = {words_of(text, declined.cases[reason], *REASONS[reason]) for reason, text in pages.items()}

    assert len(texts) == 1
    assert "Customer consent declined" in texts.pop()


def words_of(page: str, case: Case, domain: str, customer: str) -> str:
    """What people read, without what belongs to this claim alone: its number, its customer, the time of day."""
    shown = unescape(re.sub(r"(?s)<(head|script)\b.*?</\1>|<[^>]*>", " ", page.replace("<wbr>", "")))
    own = "|".join(map(re.escape, (case.number, case.contact, f"Numbatway {domain}", domain, customer)))
    return " ".join(re.sub(rf"{own}|[0-9a-f]{{8}}-[0-9a-f-]{{27}}|\d\d:\d\d(:\d\d)?", "", shown).split())


def test_the_reviewers_read_each_reason(declined, signed_in):
    reviewer = signed_in("reviewer@microsoft.example")
    for reason, case in declined.cases.items():
        text = reviewer.get(f"/desk/claims/claim/{case.number}/change/").text
        assert reason.replace("'", "&#x27;") in text
        assert (IN_THEIR_WORDS in text) == (reason == "Other")
