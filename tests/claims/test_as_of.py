"""The jobs by hand, as of an instant that somebody typed (DL-6, C04 to C06)."""

from datetime import UTC, timedelta, timezone
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from claims.states import Status as S
from tests.factories import make_claim

pytestmark = pytest.mark.django_db
JOBS = ["expire_claims", "evaluate_eligibility"]


def said(job: str, now: str) -> str:
    out = StringIO()
    call_command(job, now=now, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(
    "typed_in",
    [
        *("2026-11-21", "2026-11-21T10:00:00", "2027-03-28 02:30", "02:30", "tomorrow", "-1", "9" * 5000),
        *(
            "2026-12-31T23:59:60Z",
            "2027-02-29T10:00:00Z",
            "2026-11-21T24:01:00Z",
            "2026-11-21T10:00:00+24:00",
        ),
        *("0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-2026-11-21T10:00:00Z"),
    ],
)
def test_what_is_no_instant_is_refused_in_words(now, job, typed_in):
    claim = make_claim(now=now - timedelta(days=31))
    with pytest.raises(CommandError, match="is not an instant"):
        said(job, typed_in)
    claim.refresh_from_db()
    assert claim.status == S.CUSTOMER_CLAIMED


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(
    "typed_in",
    [
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1900-01-01T00:00:00Z"),
        *(
            "2028-02-29T10:00:00Z",
            "2038-01-19T03:14:08Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-12:00",
        ),
    ],
)
def test_the_first_and_the_last_instants_there_are_break_no_job(job, typed_in):
    assert said(job, typed_in)


def test_an_instant_is_the_same_in_whatever_zone_it_is_written(now):
    claim = make_claim(now=now - timedelta(days=10))
    for hours in (-12, 0, 14):
        zone = timezone(timedelta(hours=hours))
        before = (claim.expires_at - timedelta(seconds=1)).astimezone(zone)
        assert said("expire_claims", before.isoformat()).startswith("0 claims expired")
    assert said("expire_claims", claim.expires_at.astimezone(zone).isoformat()).startswith("1 claim expired")
    claim.refresh_from_db()
    assert claim.updated_at.tzinfo == UTC
