"""Sheets of claims at the same instant: one set of claims from one sheet, and no limit raced past by two (BEY-4)."""

import uuid
from functools import partial

import pytest

from claims.models import Claim, ClaimSheet, SheetRow
from claims.sheets import jobs, wishes
from tests.claims.sheets.sheets import csv_of, row
from tests.factories import UserFactory, give_role, make_customer
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def rows(engagement, location):
    return [row(engagement, location, make_customer(), name=f"Customer {n}") for n in range(4)]


@pytest.fixture
def colleague(location):
    return give_role(UserFactory(partner=location.partner), location)


@pytest.fixture
def checked(partner_user, now):
    def checked(rows, by=None) -> ClaimSheet:
        sheet = jobs.receive(by or partner_user, csv_of(rows), form_key=uuid.uuid4(), now=now)
        jobs.go_on(sheet.pk, now=now)
        return ClaimSheet.objects.get(pk=sheet.pk)

    return checked


def states(*sheets) -> list[str]:
    return sorted(SheetRow.objects.filter(sheet__in=sheets).values_list("state", flat=True))


def create(sheet: ClaimSheet, *, now) -> None:
    """Press the button, and be the worker who is hurried by it."""
    jobs.confirm(sheet, now=now)
    jobs.go_on(sheet.pk, now=now)


def test_a_form_sent_twice_at_once_is_one_sheet(partner_user, rows, now):
    key = uuid.uuid4()
    sheets = at_once(
        *[partial(jobs.receive, partner_user, csv_of(rows), form_key=key, now=now) for _ in range(6)]
    )
    assert {sheet.pk for sheet in won(sheets)} == {ClaimSheet.objects.get().pk}
    assert len(won(sheets)) == 6
    assert SheetRow.objects.count() == 4


def test_two_tabs_make_one_set_of_claims(checked, rows, now):
    sheet = checked(rows)

    found = at_once(*[partial(create, sheet, now=now)] * 6)

    assert len(won(found)) == 6
    assert states(sheet) == ["created"] * 4
    assert Claim.objects.count() == 4
    sheet.refresh_from_db()
    assert (sheet.state, sheet.attempts) == ("done", 1)


def test_the_same_sheet_in_two_tabs_makes_one_set_of_claims(checked, rows, now, colleague):
    """Uploaded by two people, checked before either of them pressed the button."""
    sheets = [checked(rows), checked(rows, by=colleague)]

    found = at_once(*[partial(create, sheet, now=now) for sheet in sheets])

    assert len(won(found)) == 2
    assert states(*sheets) == ["claimed"] * 4 + ["created"] * 4
    assert Claim.objects.count() == 4


def test_without_the_look_under_the_locks_the_database_says_no(checked, rows, now, colleague, monkeypatch):
    """The constraint stands behind it: the second row is refused, though nobody can say which claim it is."""
    sheets = [checked(rows), checked(rows, by=colleague)]
    monkeypatch.setattr(wishes, "equals", lambda wish, *, now: Claim.objects.none())

    at_once(*[partial(create, sheet, now=now) for sheet in sheets])

    assert states(*sheets) == ["created"] * 4 + ["refused"] * 4
    assert Claim.objects.count() == 4


def test_the_last_place_of_a_limit_is_taken_once(checked, now, engagement, location, colleague):
    engagement.limit_unique_customers = 3
    engagement.save()
    mine, theirs = (
        [row(engagement, location, make_customer(), name=f"{whose} {n}") for n in range(3)]
        for whose in ("Mine", "Theirs")
    )
    sheets = [checked(mine), checked(theirs, by=colleague)]
    assert states(*sheets) == ["ready"] * 6

    found = at_once(*[partial(create, sheet, now=now) for sheet in sheets])

    assert len(won(found)) == 2
    assert states(*sheets) == ["created"] * 3 + ["refused"] * 3
    assert Claim.objects.count() == 3


def test_cancel_and_create_at_once_leave_no_row_undecided(checked, rows, now):
    sheet = checked(rows)
    jobs.confirm(sheet, now=now)

    at_once(partial(jobs.go_on, sheet.pk, now=now), partial(jobs.cancel, sheet, now=now))

    sheet.refresh_from_db()
    made = Claim.objects.count()
    assert states(sheet) == ["created"] * made + ["ready"] * (4 - made)
    assert sheet.state in ({"done", "cancelled"} if made == 4 else {"cancelled"})
