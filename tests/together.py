"""Several people at the same instant: real threads, real connections, one barrier."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run every act at the same instant on its own connection; an exception is a result like any other."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def once_another_looks(act: Callable[[], Any]) -> Any:
    """Act when somebody's slow statement, one with pg_sleep, has begun: it sees nothing of what this act does."""
    begun = """SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND wait_event = 'PgSleep')"""
    deadline = monotonic() + 20
    with connection.cursor() as cursor:
        while not cursor.execute(begun).fetchone()[0]:
            assert monotonic() < deadline, "Nobody looked."
    return act()


def deadlocks() -> int:
    """How many deadlocks PostgreSQL has broken so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def won(results: list[Any]) -> list[Any]:
    return [result for result in results if not isinstance(result, Exception)]
