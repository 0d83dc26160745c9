"""The totals on Overview are the sums of the ledger, whoever books what at once (PAY-1)."""

from collections import defaultdict
from decimal import Decimal
from functools import partial
from itertools import count

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives.models import LedgerEntry, LedgerTotal
from tests.factories import LocationFactory
from tests.together import at_once, deadlocks, won

EARNED, PAID = LedgerEntry.Kind.EARNED, LedgerEntry.Kind.PAID
NUMBERS = count(1)
AMOUNTS = st.decimals(min_value=-999_999, max_value=999_999, places=2)


def book(bookings, now):
    """One statement for all of them: location, kind and amount."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(location=place, kind=kind, amount_usd=amount, claim_number=next(NUMBERS), text="", at=now)
        for place, kind, amount in bookings
    )


def kept():
    return {(row.location_id, row.kind): row.amount_usd for row in LedgerTotal.objects.all()}


def added_up():
    found = defaultdict(Decimal)
    for entry in LedgerEntry.objects.all():
        found[entry.location_id, entry.kind] += entry.amount_usd
    return dict(found)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from([EARNED, PAID]), AMOUNTS), max_size=5),
        max_size=4,
    )
)
def test_totals_are_what_plain_python_adds_up(batches, now):
    with transaction.atomic():
        places = [LocationFactory() for _n in range(3)]
        for batch in batches:
            book([(places[n], kind, amount) for n, kind, amount in batch], now)
        assert kept() == added_up()
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incentives_ledgertotal SET amount_usd = amount_usd + 1",
        "DELETE FROM incentives_ledgertotal",
        "INSERT INTO incentives_ledgertotal (location_id, kind, amount_usd)"
        " SELECT location_id, 'paid', 1 FROM incentives_ledgertotal",
    ],
)
def test_nothing_but_an_entry_changes_a_total(location, now, sql):
    book([(location, EARNED, Decimal("10.50"))], now)

    with pytest.raises(DatabaseError, match="Cannot insert or update or delete"), transaction.atomic():
        connection.cursor().execute(sql)

    assert kept() == {(location.pk, EARNED): Decimal("10.50")}


@pytest.mark.django_db
def test_an_entry_that_is_taken_back_does_not_count(location, now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        book([(location, EARNED, Decimal(10))], now)
        raise ZeroDivisionError

    assert kept() == {}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twelve_who_book_for_the_same_locations_lose_nothing_and_never_block_for_good(now):
    places, before = [LocationFactory() for _n in range(6)], deadlocks()
    orders = [[(place, EARNED, Decimal(1)) for place in places] for _n in range(12)]
    for order in orders[::2]:
        order.reverse()

    for _n in range(5):
        assert len(won(at_once(*[partial(book, order, now) for order in orders]))) == 12

    assert kept() == {(place.pk, EARNED): Decimal(60) for place in places}
    assert deadlocks() == before


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_trigger_nothing_is_added_up(location, now):
    with pgtrigger.ignore("incentives.LedgerEntry:an_entry_counts_in_its_total"):
        book([(location, EARNED, Decimal(1))], now)

    assert kept() == {} != added_up()
