"""Asking a door exactly as written, looking at what was written to the database, and leaving no trace."""

import re
from collections.abc import Iterator
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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> ALL(%s)",
            [list(besides)],
        )
        return int(cursor.fetchone()[0])


class Written:
    """Tells after each knock how many rows it wrote, with one question to the database."""

    def __init__(self) -> None:
        self.known = writes()

    def since(self) -> int:
        before, self.known = self.known, writes()
        return self.known - before


def content(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def told(response: HttpResponse, words: tuple[str, ...]) -> list[str]:
    """Which of these words stand anywhere in an answer: its body or its headers."""
    text = str(response.headers) + content(response).decode(errors="replace")
    return [word for word in words if re.search(word, text, re.IGNORECASE)]
