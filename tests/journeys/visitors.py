"""People at browsers of their own."""

from playwright.sync_api import BrowserContext, Page

from incentives.management.demo import PASSWORD


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, context: BrowserContext) -> None:
        context.set_default_timeout(20_000)
        self.page: Page = context.new_page()
        self.trouble: list[str] = []
        self.page.on("console", lambda m: self.trouble.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def sign_in(self, email: str) -> Page:
        self.page.goto("/sign-in/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        return self.page
