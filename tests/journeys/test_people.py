"""People come, work and go: invited, accepted, given and taken roles, a forgotten password; by what they see."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from incentives.management.demo import PASSWORD
from tests.breadth import everybody

from .post import PostOffice
from .visitors import Visitor

ADMIN, USER, NOBODY = "admin@fridayinc.example", "user@fridayinc.example", "nobody@fridayinc.example"
INVITATION = "Action required: Accept your invitation to Partner Center"
RESET = "Set a new password for Partner Center"
OWN = "a password of my own"


def open_account(page: Page, tab: str = "") -> None:
    """Settings (gear) > Account settings, and one of its tabs."""
    page.get_by_role("button", name="Settings").click()
    page.locator("#settings-menu").get_by_role("link", name="Account settings").click()
    expect(page.get_by_role("heading", name="Account settings | Overview")).to_be_visible()
    if tab:
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_role("heading", name=f"Account settings | {tab}")).to_be_visible()


def open_person(page: Page, name: str) -> None:
    open_account(page, "Users")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", name=f"Users | {name}")).to_be_visible()


def invite(page: Page, name: str, email: str, location: str) -> None:
    open_account(page, "Users")
    page.get_by_role("link", name="Invite user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Full name").fill(name)
    dialog.get_by_label("E-mail address").fill(email)
    dialog.get_by_label("Incentive User").check()
    dialog.get_by_label(location).check()
    dialog.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"An invitation is on its way to {email}.")).to_be_visible()


def choose_password(page: Page, password: str, button: str) -> None:
    page.get_by_label("New password").fill(password)
    page.get_by_label("Confirm password").fill(password)
    page.get_by_role("button", name=button).click()


def enter(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def joined(visitor: Callable[..., Visitor], post: PostOffice, name: str, email: str, location: str) -> tuple:
    """An Account Admin invites somebody, who accepts and signs in; their two browsers."""
    admin, guest = visitor(), visitor()
    invite(admin.sign_in(ADMIN), name, email, location)
    page = guest.page
    page.goto(post.letter(email, INVITATION).link)
    expect(page.get_by_label("Full name")).to_have_value(name)
    choose_password(page, OWN, "Create account")
    expect(page.get_by_text("Your account is ready.")).to_be_visible()
    enter(page, email, OWN)
    return admin, guest


@pytest.mark.parametrize("scripts", everybody([True, False], first=[True]))
def test_from_invitation_to_the_removal_of_the_role(visitor, post, scripts):
    name = "Gerda Gast" if scripts else "Ohne Skript"
    email = f"{name.split()[0].lower()}@fridayinc.example"

    def come(**options):
        return visitor(java_script_enabled=scripts, **options)

    admin, guest = joined(come, post, name, email, "FridayINC, US, Houston (5384815)")
    expect(guest.page.get_by_role("row").filter(has_text="Houston")).to_be_visible()
    expect(guest.page.get_by_role("row").filter(has_text="Las Vegas")).to_have_count(0)

    page = admin.page
    open_person(page, name)
    page.get_by_role("checkbox", name="Incentive User, FridayINC, US, Houston").check()
    page.get_by_role("button", name="Remove selected roles").click()
    expect(page.get_by_text("No role yet")).to_be_visible()

    guest.page.get_by_role("link", name="Customer claims").first.click()
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_visible()
    enter(guest.page, email, OWN)
    expect(guest.page.get_by_text("You have no incentive role yet")).to_be_visible()

    open_account(page, "Audit")
    row = page.get_by_role("row").filter(has_text=name).filter(has_text="Role removed")
    expect(row.filter(has_text="Priya Kaur").filter(has_text="Incentive User")).to_be_visible()
    assert (admin.trouble, guest.trouble) == ([], [])


def test_a_forgotten_password_is_set_anew_and_ends_every_session(visitor, post):
    email = "paul@fridayinc.example"
    _admin, elsewhere = joined(visitor, post, "Paul Klein", email, "FridayINC, US, Austin (6228201)")
    expect(elsewhere.page.get_by_role("row").filter(has_text="Austin")).to_be_visible()

    page = visitor().page
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    link = post.letter(email, RESET).link
    page.goto(link)
    assert link not in page.url
    choose_password(page, "another password of mine", "Save new password")
    expect(page.get_by_text("Your new password is saved.")).to_be_visible()

    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("heading", name="Sign in")).to_be_visible()
    enter(page, email, OWN)
    expect(page.get_by_text("is not right")).to_be_visible()
    enter(page, email, "another password of mine")
    expect(page.get_by_role("heading", name="Incentives | Overview")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This link has already been used")).to_be_visible()


def test_a_user_of_two_locations_sees_both_permissions_in_a_panel(visitor):
    somebody = visitor()
    page = somebody.sign_in(USER)
    open_account(page)
    expect(page.get_by_role("heading", name="Partner Center permissions")).to_be_visible()
    page.get_by_role("link", name="View permissions").click()
    dialog = page.get_by_role("dialog")

    for words in ("Incentives", "Referrals", "Account", "Incentive User"):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    expect(dialog.get_by_text("FridayINC, US, Las Vegas (5272302)")).to_be_visible()
    expect(dialog.get_by_text("FridayINC, HU, Budapest (5287170)")).to_be_visible()
    expect(dialog.get_by_text("(5356509)")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="View permissions")).to_be_focused()
    assert somebody.trouble == []


def test_an_admin_sees_every_role_and_location_that_they_hold(visitor):
    page = visitor().sign_in(ADMIN)
    open_account(page)
    page.get_by_role("link", name="View permissions").click()
    dialog = page.get_by_role("dialog")

    for words in ("Account Admin", "Referrals Admin", "Incentive Admin"):
        expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    for place in ("FridayINC, US, Las Vegas (5272302)", "FridayINC, ES, Valencia (6310488)"):
        expect(dialog.get_by_text(place)).to_be_visible()


def test_a_user_with_no_role_learns_whom_to_ask(visitor):
    page = visitor().sign_in(NOBODY)
    expect(page.get_by_text("You have no incentive role yet")).to_be_visible()
    expect(page.get_by_role("link", name=ADMIN)).to_be_visible()
    open_account(page)
    expect(page.get_by_role("link", name="Users", exact=True)).to_have_count(0)


def test_a_deactivated_person_is_out_at_the_next_click(visitor, post):
    email = "nina@fridayinc.example"
    admin, guest = joined(visitor, post, "Nina Neu", email, "FridayINC, US, Austin (6228201)")
    open_person(admin.page, "Nina Neu")
    admin.page.get_by_role("link", name="Deactivate").click()
    admin.page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(admin.page.get_by_text("Nina Neu can no longer sign in.")).to_be_visible()

    guest.page.get_by_role("link", name="MCI engagements").first.click()
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_visible()
    enter(guest.page, email, OWN)
    expect(guest.page.get_by_text("is not right")).to_be_visible()


def test_signing_out_everywhere(visitor):
    here, there = visitor(), visitor()
    page = here.sign_in("admin@northwind.example")
    there.sign_in("admin@northwind.example")
    open_account(page)
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()
    there.page.reload()
    expect(there.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_demo_shows_every_standing(visitor):
    page = visitor().sign_in(ADMIN)
    open_account(page, "Users")
    for name, status in (
        ("Alexa Barket", "Active"),
        ("Yusuf Demir", "Invited"),
        ("Clara Lindqvist", "Deactivated"),
    ):
        expect(page.get_by_role("row").filter(has_text=name).get_by_text(status, exact=True)).to_be_visible()
    assert PASSWORD not in page.content()
