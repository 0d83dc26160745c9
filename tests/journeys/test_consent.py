"""Consent when something comes between: another contact, a day's cap, a rival, the deadline (CON-2, CON-5, CON-6)."""

from datetime import datetime, timedelta

import psycopg
from playwright.sync_api import Page, expect

from dev.environment import Site

from . import hurried, steps
from .steps import Case
from .test_link_pages import answers

ENGAGEMENT = "Threat Protection Envisioning Workshop"
SUBJECT = f"Action required: Confirm participation in the {ENGAGEMENT}"
DAY = timedelta(hours=24)


def last_mail_was(passed: timedelta, site: Site, case: Case) -> datetime:
    """As if the customer had last been asked so long ago; gives the instant from which the next mail may leave."""
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        query = "SELECT %s - (clock_timestamp() - max(created_at)) FROM mail_message WHERE about = %s"
        ((back,),) = connection.execute(query, [passed, case.number]).fetchall()
        row = "UPDATE mail_message SET created_at = created_at - %s WHERE about = %s"
        connection.execute(row, [back, case.number])
        cap = "UPDATE mail_sendcap SET open_from = open_from - %s WHERE subject_id = %s RETURNING open_from"
        ((open_from,),) = connection.execute(cap, [back, case.number]).fetchall()
    return open_from


def let_the_deadline_pass(site: Site, case: Case) -> None:
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        for table, key in (("claims_claim", "id"), ("mail_link", "subject_id")):
            query = f"UPDATE {table} SET expires_at = clock_timestamp() WHERE {key} = %s"  # noqa: S608
            assert connection.execute(query, [case.number]).rowcount == 1


def correct_the_contact(page: Page, number: str, address: str) -> None:
    steps.open_claim(page, number)
    page.get_by_role("link", name="Edit customer information").click()
    page.get_by_label("Customer contact email").fill(address)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Contact saved.")).to_be_visible()


def test_sent_again_to_another_contact_and_no_minute_too_early(visitor, signed_in, post, site):
    """The old link is dead at once; the new mail leaves after 24 hours, not after 23 hours and 59 minutes."""
    colleague, page = signed_in("user@fridayinc.example"), visitor().sign_in("user@fridayinc.example")
    case = hurried.claim(colleague, ENGAGEMENT, "vanarsdelltd.com", "Somebody else there")
    hurried.request_consent(colleague, case)
    old, another = hurried.asked_for_consent(post, case), "somebody.else@vanarsdelltd.com"

    correct_the_contact(page, case.number, another)
    customer = visitor().page
    customer.goto(old)
    expect(customer.get_by_role("heading", name="This link was replaced")).to_be_visible()

    at = last_mail_was(timedelta(hours=23, minutes=59), site, case)
    page.get_by_role("link", name="Re-send customer consent email").first.click()
    when = f"The next one can be sent from {at:%Y-%m-%d %H:%M:%S} UTC."
    expect(page.get_by_text(when)).to_be_visible()
    expect(page.get_by_role("button", name="Send for consent")).to_be_disabled()
    refused = colleague.post(f"/claims/{case.number}/consent-request/review/", {})
    assert (refused.status, when in refused.text) == (422, True)

    last_mail_was(DAY, site, case)
    page.reload()
    page.get_by_role("button", name="Send for consent").click()
    expect(page.locator("dialog").get_by_text("Consent email successfully sent to customer")).to_be_visible()

    steps.answer_consent(customer, post.letter(another, SUBJECT).link)
    assert [letter.to for letter in post.letters if letter.to in {case.contact, another}] == [
        case.contact,
        another,
    ]
    customer.goto(old)
    expect(customer.get_by_role("heading", name="This link was replaced")).to_be_visible()


def test_consent_to_one_partner_closes_what_a_rival_asked(visitor, signed_in, post, site):
    """The rival's claim is Rejected final, without a dispute or a name; its link explains itself, opened or not."""
    partner, rival = signed_in("user@fridayinc.example"), signed_in("admin@northwind.example")
    case = hurried.claim(partner, ENGAGEMENT, "cpandl.com", "Chosen")
    rivals = hurried.claim(rival, ENGAGEMENT, "cpandl.com", "Not chosen", city="Seattle")
    for caller, asked in ((partner, case), (rival, rivals)):
        hurried.request_consent(caller, asked)
    link = hurried.asked_for_consent(post, rivals)
    undecided = visitor().page
    undecided.goto(link)
    undecided.get_by_label("Yes", exact=True).check()

    steps.answer_consent(visitor().page, hurried.asked_for_consent(post, case))

    undecided.get_by_role("button", name="Submit").click()
    for page in (undecided, visitor().page):
        if page is not undecided:
            page.goto(link)
        expect(page.get_by_role("heading", name="This request is closed")).to_be_visible()
        expect(page.get_by_text("Nothing was recorded.")).to_be_visible()
        expect(page.get_by_text("FridayINC")).to_have_count(0)
    assert answers(site, link) == (False, 0)
    theirs = visitor().sign_in("admin@northwind.example")
    steps.open_claim(theirs, rivals.number)
    expect(theirs.locator("#claim .status").first).to_have_text("Rejected final")
    expect(theirs.get_by_role("link", name="Dispute claim")).to_have_count(0)
    expect(theirs.get_by_text("FridayINC")).to_have_count(0)


def test_a_form_that_is_sent_after_the_deadline_records_nothing(visitor, signed_in, post, site):
    partner = signed_in("user@fridayinc.example")
    case = hurried.claim(partner, ENGAGEMENT, "lamnahealthcare.com", "Too late")
    hurried.request_consent(partner, case)
    link = hurried.asked_for_consent(post, case)
    customer = visitor().page
    customer.goto(link)
    customer.get_by_label("Yes", exact=True).check()

    let_the_deadline_pass(site, case)
    customer.get_by_role("button", name="Submit").click()

    expect(customer.get_by_role("heading", name="This link has expired")).to_be_visible()
    expect(customer.get_by_text("Nothing was recorded.")).to_be_visible()
    assert answers(site, link) == (False, 0)
    assert "Customer consent expired" in partner.get(f"/claims/{case.number}/").text
