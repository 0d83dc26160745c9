"""A claim that expires at each of its clocks, by the command that operators run (DL-6)."""

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from dev import packages
from dev.environment import Site

from . import hurried, steps
from .calling import Caller
from .conftest import PROCESS, demo_portal
from .post import PostOffice
from .visitors import Visitor

ENGAGEMENT = "Microsoft Syntex Workshop"


@pytest.fixture(scope="module")
def ending(post: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal in which every open claim may expire; elsewhere other journeys still need theirs."""
    with demo_portal(post, tmp_path_factory.mktemp("ending"), "ending", PROCESS + 8) as site:
        yield site


@pytest.fixture
def visitor(newcomer: Callable[..., Visitor], ending: Site) -> Callable[[], Visitor]:
    return lambda: newcomer(base_url=ending.address)


@pytest.fixture
def expire(ending: Site) -> Callable[[timedelta], str]:
    """Run the command as if so much time had passed; gives what it printed."""

    def run(passed: timedelta) -> str:
        command = [
            packages.PYTHON,
            "manage.py",
            "expire_claims",
            "--now",
            (datetime.now(UTC) + passed).isoformat(),
        ]
        done = subprocess.run(
            command, cwd=packages.ROOT, env=ending.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def state_of(caller: Caller, number: str) -> str:
    """What the claim's page calls its status."""
    _before, _id, claim = caller.get(f"/claims/{number}/").text.partition('id="claim"')
    return re.findall(r'<span class="status [^>]*>([^<]+)</span>', claim)[0]


def customer_claimed(case, caller, reviewer, post):
    pass


def awaiting(case, caller, reviewer, post):
    hurried.request_consent(caller, case)


def consented(case, caller, reviewer, post):
    awaiting(case, caller, reviewer, post)
    hurried.give_consent(Caller(caller.portal), hurried.asked_for_consent(post, case))


def decided(case, caller, reviewer, post, decision):
    consented(case, caller, reviewer, post)
    hurried.complete(caller, post, case)
    hurried.submit(caller, case)
    hurried.decide(reviewer, case, "start_review")
    hurried.decide(reviewer, case, decision, "Please add the results.")


def action_required(case, caller, reviewer, post):
    decided(case, caller, reviewer, post, "request_action")


def disputed(case, caller, reviewer, post):
    decided(case, caller, reviewer, post, "reject")
    hurried.dispute(caller, case)


# How far a claim has come, the days that it may stay there, and where it ends; each for a customer of its own.
CLOCKS = (
    (customer_claimed, "contoso.com", 30, "Customer consent expired"),
    (awaiting, "adatum.com", 30, "Customer consent expired"),
    (disputed, "fabrikam.com", 30, "Disputed claim expired"),
    (consented, "wingtiptoys.com", 90, "Not submitted claim expired"),
    (action_required, "proseware.com", 120, "Post submission claim expired"),
)


def test_claims_expire_by_their_clocks(visitor, post, ending, expire):
    caller, reviewer = Caller(ending.address), Caller(ending.address)
    caller.sign_in("user@fridayinc.example")
    reviewer.sign_in("reviewer@microsoft.example")
    claims = []
    for until, domain, days, expired in CLOCKS:
        case = hurried.claim(caller, ENGAGEMENT, domain, f"{until.__name__} until {expired}")
        until(case, caller, reviewer, post)
        claims.append((case.number, days, expired))
    standing = [state_of(caller, number) for number, _, _ in claims]

    for passed in (30, 90, 120):
        expire(timedelta(days=passed, minutes=-20))
        assert [state_of(caller, number) for number, _, _ in claims] == standing

        assert "expired as of" in expire(timedelta(days=passed, minutes=1))

        standing = [
            expired if days <= passed else before
            for (_, days, expired), before in zip(claims, standing, strict=True)
        ]
        assert [state_of(caller, number) for number, _, _ in claims] == standing

    page = visitor().sign_in("user@fridayinc.example")
    for number, _, expired in claims:
        steps.open_claim(page, number)
        expect(page.locator("#claim .status").first).to_have_text(expired)
        expect(page.get_by_role("button", name="Submit claim")).to_have_count(0)
        expect(page.get_by_role("link", name="Cancel claim")).to_have_count(0)
