"""A day of a clock is twenty-four hours, wherever people live and whatever the calendar does there (C01 to C03)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from claims import expiry
from claims.transitions import EXPIRY
from mail.models import SendCap
from tests.factories import claim_at, make_claim

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
# When clocks are put forward and back there; Apia did so for the last time in 2021.
CHANGES = {
    "Europe/Berlin": ("2027-03-28", "2027-10-31"),
    "America/New_York": ("2027-03-14", "2027-11-07"),
    "Australia/Lord_Howe": ("2027-04-04", "2027-10-03"),
    "Pacific/Apia": ("2020-09-27", "2021-04-04"),
}
ENDS = ("2028-02-29", "2027-02-28", "2027-01-31", "2027-03-31", "2027-12-31", "2028-12-31")


def days_before(day: str, days: int, zone: str = "UTC") -> datetime:
    """Half past two at night, which some clocks never show, so many days before that day there."""
    local = datetime.fromisoformat(f"{day}T02:30:00").replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC) - timedelta(hours=24 * days)


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
def test_the_changes_tried_are_changes(zone, day):
    """Else nothing below would cross one."""
    noon = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZoneInfo(zone))
    around = {(noon + timedelta(days=n)).utcoffset() for n in (-1, 0, 1)}
    assert len(around) == 2


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
@pytest.mark.parametrize("left", [1, 15, 30])
def test_thirty_days_are_720_hours_across_every_change_of_clocks(zone, day, left):
    start = days_before(day, left, zone)

    with timezone.override(ZoneInfo(zone)):
        claim = make_claim(now=start)
        claim.refresh_from_db()

        assert (claim.expires_at - start).total_seconds() == 720 * 3600
        assert [expiry.expire_due(now=start + timedelta(hours=720) + n * SECOND) for n in (-1, 0)] == [0, 1]


@pytest.mark.parametrize("day", ENDS)
def test_the_end_of_a_month_quarter_or_year_is_a_day_like_others(day):
    last_second = datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)
    for start in (last_second, last_second + SECOND, last_second - timedelta(days=30)):
        assert make_claim(now=start).expires_at == start + timedelta(hours=720)


FIRST, LAST = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")


@pytest.mark.parametrize("zone", [FIRST, LAST])
def test_a_cap_lasts_twenty_four_hours_where_the_day_begins_and_where_it_ends(zone):
    sent = datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
    with timezone.override(zone):
        assert SendCap.take("consent_request", 1, now=sent.astimezone(zone))
        early, late = (sent + timedelta(hours=24) + n * SECOND for n in (-1, 0))
        assert SendCap.next_possible("consent_request", 1, now=early.astimezone(FIRST)) == late
        assert not SendCap.take("consent_request", 1, now=early.astimezone(LAST))
        assert SendCap.take("consent_request", 1, now=late.astimezone(FIRST))


@pytest.mark.parametrize("status", list(EXPIRY))
def test_a_deadline_is_the_same_instant_for_people_everywhere(status):
    claim = claim_at(status, now=datetime(2027, 10, 20, 1, 30, tzinfo=UTC))
    for after, told in ((-SECOND, status), (0 * SECOND, EXPIRY[status]), (SECOND, EXPIRY[status])):
        at = claim.expires_at + after
        assert {claim.status_at(at.astimezone(zone)) for zone in (UTC, FIRST, LAST)} == {told}
    assert expiry.expire_due(now=(claim.expires_at - SECOND).astimezone(FIRST)) == 0
    assert expiry.expire_due(now=claim.expires_at.astimezone(LAST)) == 1
