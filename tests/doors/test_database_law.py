"""The database keeps the law by itself: what raw SQL can do to a claim, its history and the ledger (A09, O04)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction

from claims.models import Claim, ClaimEvent
from claims.states import Status as S
from claims.transitions import EDGES
from consent.models import ConsentAnswer
from incentives.models import LedgerEntry
from surveys.models import Answer, Response

from .every_status import claims_in_every_status
from .knocking import undone

pytestmark = pytest.mark.django_db
# The facts that other constraints ask for, so that only the trigger can have refused.
MOVE = (
    "UPDATE claims_claim SET status = %s, expires_at = now(), consented_at = coalesce(consented_at, now())"
    " WHERE id = %s"
)
KEPT_FOR_GOOD = (ClaimEvent, LedgerEntry, ConsentAnswer, Response, Answer)


@pytest.fixture(scope="module")
def claims(lasting):
    return claims_in_every_status(datetime.now(UTC))


def execute(sql: str, *values: object) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=words):
        yield


@pytest.mark.parametrize("source", S)
def test_raw_sql_can_make_the_legal_moves_and_no_other(claims, source):
    claim, made = claims[source], set()
    for target in set(S) - {source}:
        with undone():
            try:
                assert execute(MOVE, target, claim.pk) == 1
            except DatabaseError as refusal:
                assert "Invalid transition" in str(refusal)
            else:
                made.add(target.value)

    assert made == {target for start, target in EDGES if start == source}


def test_control_without_the_trigger_an_illegal_move_goes_through(claims):
    claim = claims[S.CUSTOMER_CLAIMED]
    with refused("Invalid transition"):
        execute(MOVE, S.APPROVED, claim.pk)
    with undone(), pgtrigger.ignore("claims.Claim:only_legal_moves"):
        assert execute(MOVE, S.APPROVED, claim.pk) == 1
        assert Claim.objects.get(pk=claim.pk).status == S.APPROVED


def copy_of(claim: Claim, status: str) -> int:
    """Insert a row like this claim's with another status."""
    fields = [f for f in Claim._meta.concrete_fields if not f.primary_key and not f.generated]
    names = [field.column for field in fields]
    values = ", ".join("%s" if name == "status" else name for name in names)
    copied = f"INSERT INTO claims_claim ({', '.join(names)}) SELECT {values} FROM claims_claim WHERE id = %s"  # noqa: S608
    return execute(copied, status, claim.pk)


def test_a_claim_can_only_begin_as_claimed(claims):
    for status in set(S) - {S.CUSTOMER_CLAIMED}:
        with refused("A claim starts as customer_claimed"):
            copy_of(claims[status], status)
    with undone():
        assert copy_of(claims[S.CUSTOMER_CLAIMED], S.CUSTOMER_CLAIMED) == 1


@pytest.mark.parametrize("model", KEPT_FOR_GOOD)
def test_history_ledger_and_answers_cannot_be_rewritten(claims, model):
    table, row = model._meta.db_table, model.objects.order_by("pk").first()
    before = model.objects.count()

    for sql in (f"UPDATE {table} SET id = id WHERE id = %s", f"DELETE FROM {table} WHERE id = %s"):  # noqa: S608
        with refused("Cannot update or delete rows"):
            execute(sql, row.pk)

    assert model.objects.count() == before


def test_a_claim_with_a_history_cannot_be_deleted(claims):
    with undone(), refused("foreign key constraint"):
        execute("DELETE FROM claims_claim WHERE id = %s", claims[S.APPROVED].pk)
        execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("status", ["", "expired", "Approved", "APPROVED"])
def test_there_is_no_seventeenth_status(claims, status):
    with pgtrigger.ignore("claims.Claim:only_legal_moves"), refused("a_status_of_the_sixteen"):
        execute(MOVE, status, claims[S.CUSTOMER_CLAIMED].pk)
