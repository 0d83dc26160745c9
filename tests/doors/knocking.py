"""Asking a door exactly as written, looking at what was written to the database, and leaving no trace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

SAFE = ("GET", "HEAD", "OPTIONS")
METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")


def knock(
    client: Client,
    method: str,
    path: str,
    form: dict[str, Any] | None = None,
    *,
    query: str = "",
    raw: bytes | None = None,
    content_type: str = MULTIPART_CONTENT,
    headers: dict[str, str] | None = None,
    **environ: Any,
) -> HttpResponse:
    """Ask exactly this path, as a server would hand it over; the browser keeps no cookie of the answer."""
    content = raw if raw is not None else encode_multipart(BOUNDARY, form or {}) if method == "POST" else b""
    # Given apart from the address, which the test client would tidy up.
    as_bytes = path.encode(errors="surrogateescape").decode("latin-1")
    where = {"PATH_INFO": as_bytes, "QUERY_STRING": query} | client.defaults
    jar = deepcopy(client.cookies)
    try:
        return client.generic(method, "/", content, content_type, headers=headers, **where | environ)
    finally:
        client.cookies = jar


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is rolled back, so that the next request finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def writes(*, besides: tuple[str, ...] = ("django_session",)) -> int:
    """How many rows this connection has tried to write so far, also in vain."""
    return sum(count for table, count in writes_by_table().items() if table not in besides)


def writes_by_table() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


class Written:
    """Tells after each knock how many rows it wrote, with one question to the database if it wrote at all."""

    READS = ("SELECT", "SAVEPOINT", "ROLLBACK", "RELEASE", "SET")

    def __init__(self) -> None:
        self.known, self.asked_to_write = writes(), False

    def __call__(self, execute: Callable, sql: Any, params: object, many: bool, context: object) -> object:
        self.asked_to_write |= not str(sql).startswith(self.READS)
        return execute(sql, params, many, context)

    def since(self) -> int:
        if not self.asked_to_write:
            return 0
        before, self.known, self.asked_to_write = self.known, writes(), False
        return self.known - before


@contextmanager
def counted() -> Iterator[Written]:
    written = Written()
    with connection.execute_wrapper(written):
        yield written


def content(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def told(response: HttpResponse, words: tuple[str, ...]) -> list[str]:
    """Which of these words stand anywhere in an answer: its body or its headers."""
    text = (str(response.headers) + content(response).decode(errors="replace")).lower()
    return [word for word in words if word.lower() in text]
