"""A mail that the server refuses, from the click to the desk and back on its way; and delivery stopped for a while."""

from playwright.sync_api import Page, expect

from . import steps

ENGAGEMENT = "Microsoft Syntex Workshop"
SUBJECT = f"Action required: Confirm participation in the {ENGAGEMENT}"
REFUSED = "550 5.1.1 No such mailbox here"


def open_mail(page: Page, address: str) -> None:
    """From the desk's first page to the newest mail to this address."""
    page.goto("/desk/")
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Mail", exact=True).click()
    page.get_by_role("searchbox").fill(address)
    page.get_by_role("button", name="Apply").click()
    page.locator("#result_list th a").first.click()
    expect(page.get_by_role("heading", name="On record")).to_be_visible()


def await_state(page: Page, state: str) -> None:
    """Look again until the worker has done its part."""
    for _time in range(60):
        if page.locator(".heading .status").inner_text() == state:
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"The mail did not become {state}.")


def test_a_refused_mail_is_seen_at_the_desk_and_tried_again(visitor, post):
    partner = visitor().sign_in("user@fridayinc.example")
    case = steps.add_customer(partner, ENGAGEMENT, "contoso.com", "A mail that is refused")
    support = visitor().sign_in("support@microsoft.example")
    with post.refusing(case.contact, REFUSED):
        steps.request_consent(partner, case.number)
        open_mail(support, case.contact)
        await_state(support, "Failed")
    expect(support.get_by_text(REFUSED)).to_be_visible()
    assert not [letter for letter in post.letters if letter.to == case.contact]
    support.goto("/desk/")
    support.get_by_role("link", name="Failed mails").click()
    expect(support.get_by_role("row", name=case.contact)).to_be_visible()

    open_mail(support, case.contact)
    support.get_by_role("button", name="Try again").click()
    expect(support.get_by_text("The mail is back in the queue")).to_be_visible()

    steps.answer_consent(visitor().page, post.letter(case.contact, SUBJECT).link)
    await_state(support, "Sent")


def test_while_delivery_is_stopped_mail_waits_and_then_leaves(visitor, post):
    partner = visitor().sign_in("user@fridayinc.example")
    case = steps.add_customer(partner, ENGAGEMENT, "adatum.com", "A mail that waits")
    support = visitor().sign_in("support@microsoft.example")
    support.goto("/desk/mail/message/")
    support.get_by_role("link", name="Stop delivery").click()
    support.get_by_label("Reason").fill("The provider asks us to wait.")
    support.get_by_role("button", name="Stop delivery").click()
    expect(support.get_by_text("The provider asks us to wait.")).to_be_visible()

    steps.request_consent(partner, case.number)
    open_mail(support, case.contact)
    support.wait_for_timeout(2000)
    support.reload()
    expect(support.locator(".heading .status")).to_have_text("Queued")
    expect(support.get_by_text("Delivery has been stopped since")).to_be_visible()
    assert not [letter for letter in post.letters if letter.to == case.contact]

    support.get_by_role("link", name="Mail", exact=True).first.click()
    support.get_by_role("button", name="Resume delivery").click()
    expect(support.get_by_text("Delivery goes on")).to_be_visible()

    assert post.letter(case.contact, SUBJECT).link
