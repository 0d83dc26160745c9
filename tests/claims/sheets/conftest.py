import uuid

import pytest

from claims.models import ClaimSheet
from claims.sheets import jobs

from . import sheets


@pytest.fixture
def sheet(partner_user, now):
    """Upload rows and have them checked, and claims created if so wished, at one instant."""

    def sheet(*rows, create=False, by=None, at=None) -> ClaimSheet:
        at = at or now
        received = jobs.receive(by or partner_user, sheets.csv_of(list(rows)), form_key=uuid.uuid4(), now=at)
        jobs.go_on(received.pk, now=at)
        received.refresh_from_db()
        assert received.state == "checked"
        return created(received, at) if create else received

    return sheet


@pytest.fixture
def row(engagement, location, customer):
    """A row by which a claim can be created."""

    def row(**changes):
        facts = {"engagement": engagement, "location": location, "customer": customer}
        given = {name: changes.pop(name, fact) for name, fact in facts.items()}
        texts = {name: changes.pop(f"{name}_text") for name in list(facts) if f"{name}_text" in changes}
        return sheets.row(**given, **changes) | texts

    return row


def created(sheet: ClaimSheet, now) -> ClaimSheet:
    jobs.confirm(sheet, now=now)
    jobs.go_on(sheet.pk, now=now)
    sheet.refresh_from_db()
    return sheet


def states(sheet: ClaimSheet) -> list[str]:
    return list(sheet.rows.order_by("line").values_list("state", flat=True))


def findings(sheet: ClaimSheet) -> list[dict[str, list[str]]]:
    return list(sheet.rows.order_by("line").values_list("findings", flat=True))
