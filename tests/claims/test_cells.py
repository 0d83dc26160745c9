"""One claim told thrice, on the page, in a workbook and as a line of CSV, and always by the same cells (CLM-2).

What each cell should be is worked out here from the models, without a line of the portal's own expressions.
"""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from claims.exports import Sheet
from claims.list_form import ClaimListForm, ground_of
from claims.listing import COLUMNS, rows_of
from claims.models import Claim, Organization
from claims.next_steps import NEXT_STEPS
from claims.states import Status
from engagements.models import Engagement, IdKind
from incentives.cells import STARTS
from incentives.models import Location
from tests.factories import claim_at

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOSTILE = [
    *STARTS,
    '=HYPERLINK("x")',
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    ";",
    "'",
    "\\",
    "\\.",
    "%s",
    "{0}",
    "Zoë 😀",
    " x ",
]
letters = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]) | st.sampled_from("\t\n\r=+-@\"',;\\")
texts = st.lists(st.sampled_from(HOSTILE) | st.text(letters, max_size=6), min_size=1, max_size=3).map("".join)
instants = st.builds(
    lambda seconds, parts: NOW + timedelta(seconds=seconds, microseconds=parts),
    st.integers(-40_000_000, 40_000_000),
    st.sampled_from([0, 1, 400_000]),
)
drawn_claims = st.lists(
    st.fixed_dictionaries(
        {"name": texts, "partner_contact_name": texts, "updated_at": instants, "expires_at": instants}
    ),
    min_size=len(Status),
    max_size=len(Status),
)


@pytest.fixture
def claims(location) -> list[Claim]:
    """One claim in every status; two of them at the instant of their deadline."""
    return [claim_at(status, now=NOW, location=location) for status in Status]


@given(
    drawn=drawn_claims,
    names=st.tuples(texts, texts, texts, texts),
    country=st.sampled_from(["DE", "CI", "US"]),
)
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_page_workbook_and_csv_hold_the_same_cells(claims, partner_user, tmp_path, drawn, names, country):
    with transaction.atomic():
        rename(claims, names, country)
        drawn[0]["expires_at"] = drawn[1]["expires_at"] = NOW
        for claim, facts in zip(claims, drawn, strict=True):
            Claim.objects.filter(pk=claim.pk).update(**facts)
        form = ClaimListForm(QueryDict("sort=id"), ground_of(partner_user), now=NOW)
        wanted = [told(claim) for claim in Claim.objects.order_by("pk")]
        keys = sorted(claim.pk for claim in claims)

        rows = rows_of(COLUMNS, NOW)(keys)
        assert [[cell for _column, cell in rows[key].cells] for key in keys] == wanted
        assert lines(form) == [[in_csv(cell) for cell in row] for row in wanted]
        assert sheet(form, tmp_path) == [[in_workbook(cell) for cell in row] for row in wanted]
        transaction.set_rollback(True)


def rename(claims, names, country) -> None:
    engagement, workload, place, customer = names
    Engagement.objects.update(name=engagement[:100], workload=workload[:60])
    Location.objects.update(name=place[:100], country=country)
    Organization.objects.filter(identities__in=[claim.customer_id for claim in claims]).update(name=customer)


def told(claim: Claim) -> list:
    """The cells of a claim in the order of the columns."""
    status, place, customer = claim.status_at(NOW), claim.location, claim.customer
    step = NEXT_STEPS.get(status)
    return [
        claim.pk,
        claim.engagement.name,
        claim.name,
        customer.organization.name,
        customer.value,
        IdKind(customer.kind).label,
        claim.engagement.solution_area.name,
        claim.engagement.workload,
        place.partner_number,
        place.name,
        place.country.name,
        claim.partner_contact_name,
        claim.updated_at,
        claim.expires_at if claim.expires_at and claim.expires_at > NOW else None,
        status.label,
        str(step.words) if step else None,
    ]


def lines(form: ClaimListForm) -> list[list[str]]:
    content = b"".join(Sheet(form).csv()).decode("utf-8-sig")
    return list(csv.reader(StringIO(content, newline="")))[1:]


def sheet(form: ClaimListForm, folder) -> list[list[object]]:
    path, made = folder / "list.xlsx", Sheet(form)
    made.write(path, "xlsx", made.blocks("xlsx"))
    rows = list(load_workbook(path).active.iter_rows(min_row=2, values_only=True))
    return [[unescape(cell) if isinstance(cell, str) else as_second(cell) for cell in row] for row in rows]


def safe(text: str) -> str:
    return f"'{text}" if text[:1] in STARTS and text else text


def in_csv(cell) -> str:
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat()
    return "" if cell is None else safe(cell) if isinstance(cell, str) else str(cell)


def in_workbook(cell) -> object:
    if isinstance(cell, str):
        return safe(cell) or None
    return as_second(cell.replace(tzinfo=None)) if isinstance(cell, datetime) else cell


def as_second(cell) -> object:
    """An instant to the nearest second: a workbook keeps a number of days, which is not exact."""
    return (cell + timedelta(milliseconds=500)).replace(microsecond=0) if isinstance(cell, datetime) else cell
