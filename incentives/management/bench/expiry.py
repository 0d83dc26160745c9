"""Expiry of 100,000 claims at once among 1,000,000, also by a process that is killed in the middle (DL-4, P06)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import cycle
from statistics import mean
from time import monotonic
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

from claims.states import Party
from claims.transitions import EXPIRY

from .figures import Figure

CASE = "expiry"
SHARE = 10  # one of so many claims is due
BARE_AT_MOST = 5  # the time of the job, in bare statements that do the same to the same rows
MB = 50
WAIT_MS = 1000  # for which anybody else may wait to change a claim meanwhile
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'claims_claim' AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
# Every claim open, each with a deadline of its own; the law of moves looks away while they are made.
OPEN = """
    SET session_replication_role = replica;
    UPDATE claims_claim SET only_open_of = '', row_key = '',
    expires_at = timestamptz '2020-01-01' + id * 7919 % 1000003 * interval '1 s',
    status = CASE WHEN consented_at IS NULL THEN (ARRAY['customer_claimed', 'awaiting_consent'])[1 + id % 2]
    ELSE (ARRAY['consent_received', 'action_required', 'disputed'])[1 + id % 3] END;
    SET session_replication_role = DEFAULT"""
NTH = """
    SELECT expires_at FROM claims_claim ORDER BY expires_at
    OFFSET (SELECT count(*) FROM claims_claim) / %s - 1 LIMIT 1"""
TELL = """
    INSERT INTO claims_claimevent (claim_id, action, at, party, from_status, to_status, detail)
    SELECT id, 'expire', expires_at, %(party)s, status, %(becomes)s::jsonb ->> status, '' FROM claims_claim
    WHERE status = ANY(%(running)s) AND expires_at <= %(now)s"""
MOVE = """
    UPDATE claims_claim SET status = %(becomes)s::jsonb ->> status, updated_at = expires_at, expires_at = NULL,
    revision = revision + 1 WHERE status = ANY(%(running)s) AND expires_at <= %(now)s"""
DUE = "SELECT id FROM claims_claim WHERE status = ANY(%(running)s) AND expires_at <= %(now)s"
CHANGE = "SELECT FROM claims_claim WHERE id = %s FOR NO KEY UPDATE"
TOLD = "SELECT count(*) FROM claims_claimevent WHERE action = 'expire'"
TWICE = """
    SELECT claim_id FROM claims_claimevent WHERE action = 'expire' AND at <= %(now)s
    GROUP BY claim_id HAVING count(*) > 1"""
UNTOLD = """
    SELECT id FROM claims_claim AS claim WHERE status = ANY(%(expired)s) AND NOT EXISTS (
    SELECT FROM claims_claimevent WHERE action = 'expire' AND claim_id = claim.id AND to_status = claim.status)"""


def measure() -> Iterable[Figure]:
    """Each on a copy of its own, so that all of them find the same rows, and the next benchmark does as well."""
    with copied(os.environ["DATABASE_URL"], "open") as every:
        now = opened(every)
        before = by_hand(every, now)
        with copied(every, "job") as address:
            job = json.loads(subprocess.check_output(command(now), env=environment(address)))
        bare = mean((before, by_hand(every, now)))
        with copied(every, "killed") as address:
            expired, waited = killed(address, now)
            subprocess.run(command(now), env=environment(address), check=True, stdout=subprocess.DEVNULL)
            twice, untold, left = (found(address, query, now) for query in (TWICE, UNTOLD, DUE))
    yield Figure(CASE, "claims that were due", job["expired"], "claims")
    yield Figure(CASE, "bare INSERT and UPDATE of the same rows, before and after", bare, "s")
    yield Figure(CASE, "the job", job["seconds"], "s")
    yield Figure(CASE, "the job to the bare statements", job["seconds"] / bare, "times", BARE_AT_MOST)
    yield Figure(CASE, "memory grown by", job["grown"], "MB", MB)
    yield Figure(CASE, "expired when the process was killed", expired, "claims")
    yield Figure(CASE, "longest wait of others for a claim meanwhile", waited, "ms", WAIT_MS)
    yield Figure(CASE, "expired twice after another had gone on", len(twice), "claims", 0)
    yield Figure(CASE, "expired without a line of history", len(untold), "claims", 0)
    yield Figure(CASE, "not expired after another had gone on", len(left), "claims", 0)


def facts(now: datetime) -> dict[str, Any]:
    """What the statements above speak of."""
    return {
        "now": now,
        "running": list(EXPIRY),
        "expired": list(EXPIRY.values()),
        "becomes": json.dumps(EXPIRY),
        "party": Party.SYSTEM,
    }


@contextmanager
def copied(address: str, name: str) -> Iterator[str]:
    """The address of a database with the same rows as another, for a while."""
    connection.close()
    cast(Any, connection).close_pool()
    place, copy = urlsplit(address), f"expiry_{name}"
    with psycopg.connect(urlunsplit(place._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {copy}")
        server.execute(f"CREATE DATABASE {copy} TEMPLATE {place.path[1:]} STRATEGY file_copy")
        try:
            yield urlunsplit(place._replace(path=f"/{copy}"))
        finally:
            server.execute(f"DROP DATABASE {copy} WITH (FORCE)")


def opened(address: str) -> datetime:
    """Opens every claim; the instant at which one of ten is due. The indexes are made again when all are open."""
    with psycopg.connect(address, autocommit=True) as there:
        indexes = there.execute(INDEXES).fetchall()
        there.execute("DROP INDEX " + ", ".join(name for name, _definition in indexes))
        there.execute(OPEN)
        there.execute("VACUUM (FULL) claims_claim")
        for _name, definition in indexes:
            there.execute(definition)
        there.execute("VACUUM (ANALYZE) claims_claim")
        return there.execute(NTH, [SHARE]).fetchall()[0][0]


def by_hand(every: str, now: datetime) -> float:
    """Seconds in which PostgreSQL does the same in one transaction of two statements."""
    with copied(every, "bare") as address, psycopg.connect(address) as there:
        started = monotonic()
        there.execute(TELL, facts(now))
        there.execute(MOVE, facts(now))
        there.commit()
        return monotonic() - started


def killed(address: str, now: datetime) -> tuple[int, float]:
    """How many had expired when the process was killed, and the longest that others waited for a claim till then."""
    due, told, waited = found(address, DUE, now), 0, 0.0
    with (
        psycopg.connect(address, autocommit=True) as there,
        subprocess.Popen(command(now), env=environment(address), stdout=subprocess.DEVNULL) as process,
    ):
        for claim in cycle(due[::7]):
            started = monotonic()
            there.execute(CHANGE, [claim])
            waited = max(waited, monotonic() - started)
            told = there.execute(TOLD).fetchall()[0][0]
            if told > len(due) // 3 or process.poll() is not None:
                break
        process.kill()
    return told, waited * 1000


def found(address: str, query: str, now: datetime) -> list[int]:
    with psycopg.connect(address) as there:
        return [claim for (claim,) in there.execute(query, facts(now))]


def environment(address: str) -> dict[str, str]:
    return os.environ | {"DATABASE_URL": address}


def command(now: datetime) -> list[str]:
    return [sys.executable, "-m", "incentives.management.bench.one_expiry", now.isoformat()]
