"""A request for consent that is asked for too early: queued, taken back, queued again, and released by beat (CON-2)."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import Page, expect

from dev.environment import Site
from tests.breadth import everybody

from . import steps
from .post import PostOffice

ENGAGEMENT = "Microsoft Syntex Workshop"
SUBJECT = f"Action required: Confirm participation in the {ENGAGEMENT}"
QUEUED = "A consent email is queued for"


def queue(page: Page) -> None:
    """From the claim's page to its end, and back."""
    page.get_by_role("link", name="Re-send customer consent email").first.click()
    expect(page.get_by_role("button", name="Send for consent")).to_be_disabled()
    page.get_by_role("button", name="Send it then").click()
    expect(page.locator("dialog").get_by_text("Consent email queued for")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text(QUEUED)).to_be_visible()


def let_a_day_pass(site: Site, number: str) -> None:
    """For this claim's mails alone: the cap on them, and the instant of what is queued."""
    day = timedelta(hours=24)
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as connection:
        cap = "UPDATE mail_sendcap SET open_from = open_from - %s WHERE subject_id = %s"
        connection.execute(cap, [day, number])
        row = "UPDATE claims_queuedsend SET send_at = send_at - %s WHERE claim_id = %s"
        assert connection.execute(row, [day, number]).rowcount == 1


@pytest.mark.parametrize("scripts", everybody([True, False], first=[True]))
def test_a_queued_request_is_taken_back_queued_again_and_released_by_beat(visitor, post, site, scripts):
    page = visitor(java_script_enabled=scripts).sign_in("user@fridayinc.example")
    domain = "wingtiptoys.com" if scripts else "proseware.com"
    case = steps.add_customer(page, ENGAGEMENT, domain, f"Queued {domain}", scripts=scripts)
    steps.request_consent(page, case.number)
    old = post.letter(case.contact, SUBJECT)

    queue(page)
    expect(page.get_by_text("asked by")).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Consent email taken back")).to_be_visible()
    expect(page.get_by_text(QUEUED)).to_have_count(0)
    queue(page)
    let_a_day_pass(site, case.number)

    new = released(post, case)
    assert [letter.subject for letter in post.letters if letter.to == case.contact] == [SUBJECT] * 2
    page.reload()
    expect(page.get_by_text(QUEUED)).to_have_count(0)
    page.goto(f"/claims/{case.number}/history/")
    expect(page.get_by_text("Request customer consent")).to_have_count(2)
    customer = visitor().page
    customer.goto(old.link)
    expect(customer.get_by_label("Yes", exact=True)).to_have_count(0)
    steps.answer_consent(customer, new.link)


# Where a day begins first and where it ends last.
FIRST, LAST = "Pacific/Kiritimati", "Etc/GMT+12"


def said_of_the_cap(page: Page, number: str) -> str:
    """What somebody reads who would send the next request too early."""
    page.goto(f"/claims/{number}/consent-request/review/")
    expect(page.get_by_role("button", name="Send for consent")).to_be_disabled()
    return page.locator("#too-soon").inner_text()


def opens_at(site: Site, number: str) -> datetime:
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        cap = "SELECT open_from FROM mail_sendcap WHERE kind = 'consent_request' AND subject_id = %s"
        return connection.execute(cap, [number]).fetchone()[0].astimezone(UTC)


def test_the_next_request_is_possible_at_one_instant_for_people_everywhere(visitor, post, site):
    """Said in UTC to partner and customer, on whichever day their browsers are (C03)."""
    first, last = (visitor(timezone_id=zone).sign_in("user@fridayinc.example") for zone in (FIRST, LAST))
    today = [page.evaluate("new Date().toLocaleDateString('en-CA')") for page in (first, last)]
    assert today[0] > today[1]
    case = steps.add_customer(first, ENGAGEMENT, "lucernepublishing.com", "In every zone")
    steps.request_consent(first, case.number)

    told = [said_of_the_cap(page, case.number) for page in (first, last)]
    at = opens_at(site, case.number)
    assert f"{at:%Y-%m-%d %H:%M:%S} UTC" in told[0]
    assert told[0] == told[1]

    last.get_by_role("button", name="Send it then").click()
    expect(last.locator("dialog").get_by_text("Consent email queued for")).to_be_visible()
    for page in (first, last):
        page.goto(f"/claims/{case.number}/")
        expect(page.get_by_text(f"{QUEUED} {at:%b %-d, %Y, %H:%M:%S} UTC")).to_be_visible()

    forms = []
    for zone in (FIRST, LAST):
        customer = visitor(timezone_id=zone).page
        customer.goto(post.letter(case.contact, SUBJECT).link)
        expect(customer.get_by_label("Yes", exact=True)).to_be_visible()
        forms.append(customer.get_by_role("main").inner_text())
    assert forms[0] == forms[1]
    assert "UTC" in forms[0]


def released(post: PostOffice, case: steps.Case):
    """The second letter, which beat has sent within a minute."""
    with post.arrival:
        came = post.arrival.wait_for(
            lambda: [m for m in post.letters if m.to == case.contact][1:], timeout=100
        )
    assert came, "The queued letter did not come."
    return came[0]
