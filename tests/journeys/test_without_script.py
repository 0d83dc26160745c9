from playwright.sync_api import expect

from . import steps

ENGAGEMENT = "Microsoft 365 Digital Workforce Workshop"


def test_the_wizard_works_with_javascript_off(visitor):
    page = visitor(java_script_enabled=False).sign_in("user@fridayinc.example")
    case = steps.add_customer(page, ENGAGEMENT, "contoso.com", "Contoso without script", scripts=False)
    steps.open_claim(page, case.number)
    expect(page.get_by_text("Customer claimed").first).to_be_visible()


def test_what_is_wrong_is_said_where_it_is_and_nothing_is_lost(visitor):
    page = visitor(java_script_enabled=False).sign_in("user@fridayinc.example")
    steps.open_wizard(page, ENGAGEMENT)
    page.get_by_role("textbox", name="Claim name").fill("Kept")
    steps.choose_location(page, "Budapest")
    page.get_by_label("Customer ID type").select_option(label="Domain name")
    page.get_by_role("textbox", name="Customer ID", exact=True).fill("https://www.contoso.com/about")
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_text("without “https://”").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Claim name")).to_have_value("Kept")
    expect(page.get_by_role("textbox", name="Customer ID", exact=True)).to_have_value(
        "https://www.contoso.com/about"
    )

    page.context.clear_cookies()
    again = visitor(java_script_enabled=False).sign_in("user@fridayinc.example")
    steps.open_wizard(again, ENGAGEMENT)
    expect(again.get_by_role("textbox", name="Claim name")).to_have_value("Kept")
