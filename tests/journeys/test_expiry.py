"""A claim that expires at each of its clocks, by the command that operators run (DL-6)."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dev import packages
from dev.environment import Site

from . import steps
from .conftest import PROCESS, demo_portal
from .post import PostOffice
from .visitors import Visitor

# One process of the test run makes the portal of these journeys.
pytestmark = pytest.mark.xdist_group("expiry")
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


def state_of(page: Page, number: str) -> str:
    steps.open_claim(page, number)
    return page.locator("#claim .status").first.inner_text()


def customer_claimed(case, page, visitor, post, tmp_path):
    pass


def awaiting(case, page, visitor, post, tmp_path):
    steps.request_consent(page, case.number)


def consented(case, page, visitor, post, tmp_path):
    steps.request_consent(page, case.number)
    steps.consent(visitor(), post, case)


def decided(case, page, visitor, post, tmp_path, decision):
    consented(case, page, visitor, post, tmp_path)
    steps.complete(visitor(), post, page, case, tmp_path)
    steps.submit(page)
    desk = visitor().sign_in("reviewer@microsoft.example")
    steps.decide(desk, case.number, "Set under review")
    steps.decide(desk, case.number, decision, "Please add the results.")


def action_required(case, page, visitor, post, tmp_path):
    decided(case, page, visitor, post, tmp_path, "Action required")


def disputed(case, page, visitor, post, tmp_path):
    decided(case, page, visitor, post, tmp_path, "Reject")
    steps.open_claim(page, case.number)
    steps.dispute(page)


@pytest.mark.parametrize(
    ("until", "days", "expired"),
    [
        (customer_claimed, 30, "Customer consent expired"),
        (awaiting, 30, "Customer consent expired"),
        (consented, 90, "Not submitted claim expired"),
        (action_required, 120, "Post submission claim expired"),
        (disputed, 30, "Disputed claim expired"),
    ],
)
def test_a_claim_expires_by_its_clock(until, days, expired, visitor, post, expire, tmp_path: Path):
    page = visitor().sign_in("user@fridayinc.example")
    case = steps.add_customer(page, ENGAGEMENT, "contoso.com", f"{until.__name__} until {expired}")
    until(case, page, visitor, post, tmp_path)
    before = state_of(page, case.number)

    expire(timedelta(days=days, minutes=-9))
    assert state_of(page, case.number) == before
    said = expire(timedelta(days=days, minutes=1))

    assert "expired as of" in said
    assert state_of(page, case.number) == expired
    expect(page.get_by_role("button", name="Submit claim")).to_have_count(0)
    expect(page.get_by_role("link", name="Cancel claim")).to_have_count(0)
