"""A request for consent that is asked for too early: queued, taken back, queued again, and released by beat (CON-2)."""

from datetime import timedelta

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


def released(post: PostOffice, case: steps.Case):
    """The second letter, which beat has sent within a minute."""
    with post.arrival:
        came = post.arrival.wait_for(
            lambda: [m for m in post.letters if m.to == case.contact][1:], timeout=100
        )
    assert came, "The queued letter did not come."
    return came[0]
