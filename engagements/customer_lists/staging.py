"""Rows on their way: copied into a table of this connection alone, and from there into the list by whole sets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

# A table of the connection needs no log, is seen by nobody else, and goes with its worker.
CREATE = """
    DROP TABLE IF EXISTS staged_customers;
    CREATE TEMPORARY TABLE staged_customers (kind varchar(20) NOT NULL, value varchar(255) NOT NULL)"""
DROP = "DROP TABLE IF EXISTS staged_customers"
COPY = "COPY staged_customers (kind, value) FROM STDIN"
COUNT_KEPT = """
    SELECT count(*) FROM engagements_listedcustomer listed WHERE engagement_id = %s AND EXISTS (
        SELECT FROM staged_customers staged WHERE staged.kind = listed.kind AND staged.value = listed.value)"""
REMOVE_OTHERS = """
    DELETE FROM engagements_listedcustomer listed WHERE engagement_id = %s AND NOT EXISTS (
        SELECT FROM staged_customers staged WHERE staged.kind = listed.kind AND staged.value = listed.value)"""
# In the order of the index, so that its pages are filled one after the other.
ADD_NEW = """
    INSERT INTO engagements_listedcustomer (engagement_id, kind, value)
    SELECT DISTINCT %s::bigint, kind, value FROM staged_customers staged WHERE NOT EXISTS (
        SELECT FROM engagements_listedcustomer listed
        WHERE listed.engagement_id = %s AND listed.kind = staged.kind AND listed.value = staged.value)
    ORDER BY kind, value"""
# A million rows take longer than any request may.
ROOM = "SET LOCAL statement_timeout = '10min'; SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True)
class Outcome:
    """What a file changed: IDs added, removed, on the list before and after, and rows that repeat an ID."""

    added: int
    removed: int
    unchanged: int
    duplicates: int


@contextmanager
def staged() -> Iterator[None]:
    """An empty table for the rows of one file, for as long as it is read and merged."""
    execute(CREATE)
    try:
        yield
    finally:
        execute(DROP)


def add(rows: Sequence[str]) -> None:
    """Stage rows of kind and value with a tab between; neither can hold what COPY reads as anything else."""
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.write("\n".join(rows) + "\n")


def merge(engagement: int, *, rows: int, replace: bool) -> Outcome:
    """Bring the engagement's list in line with the staged rows; call it inside a transaction.

    Only what differs is written. Until the commit everybody sees the list as it was, then as it is.
    """
    execute(ROOM)
    execute("ANALYZE staged_customers")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_KEPT, [engagement])
        kept = cursor.fetchone()[0]
    removed = execute(REMOVE_OTHERS, engagement) if replace else 0
    added = execute(ADD_NEW, engagement, engagement)
    return Outcome(added, removed, kept, rows - added - kept)


def execute(sql: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.rowcount
