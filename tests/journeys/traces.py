"""Looks for a secret wherever a machine could have written it down."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import redis
from django.contrib.sessions.backends.db import SessionStore
from psycopg import sql

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
END = "journeys: nothing more to overhear"


class Secrets:
    """Words that may stand nowhere: as they are, in capitals, as bytes in hex, or inside Base64 at any offset."""

    def __init__(self, *words: str) -> None:
        self.forms = {form for word in words for form in written(word)}

    def in_text(self, text: str) -> bool:
        return any(form in text for form in self.forms)

    def in_database(self, url: str) -> list[str]:
        """The tables with a row that holds one of them in any column, sessions unpacked too."""
        with psycopg.connect(url) as connection:
            tables = connection.execute(TABLES).fetchall()
            found = [table for (table,) in tables if self._in_table(connection, table)]
            sessions = connection.execute("SELECT session_data FROM django_session").fetchall()
        unpacked = [str(SessionStore().decode(data)) for (data,) in sessions]
        return found + ["an unpacked session" for session in unpacked if self.in_text(session)]

    def _in_table(self, connection: psycopg.Connection, table: str) -> bool:
        rows = sql.SQL("SELECT 1 FROM {table} AS line WHERE line::text LIKE ANY (%s) LIMIT 1")
        likes = [f"%{form}%" for form in self.forms]
        return connection.execute(rows.format(table=sql.Identifier(table)), [likes]).fetchone() is not None

    def in_files(self, folder: Path) -> list[str]:
        files = [file for file in folder.rglob("*") if file.is_file()]
        return [file.name for file in files if self.in_text(file.read_bytes().decode("latin-1"))]


def written(word: str) -> Iterator[str]:
    """What the word can look like; of Base64 only the characters that do not depend on its neighbours."""
    yield from (word, word.upper(), word.encode().hex())
    for offset in range(3):
        coded = b64encode(b"\0" * offset + word.encode()).decode()
        yield coded[4 if offset else 0 : len(coded) // 4 * 4 - 4]


@contextmanager
def overheard(url: str) -> Iterator[list[str]]:
    """Every command that anybody sends to Redis meanwhile; the list is complete when the block has ended."""
    heard: list[str] = []
    client = redis.Redis.from_url(url)

    def listen(ear: redis.client.Monitor) -> None:
        for command in ear.listen():
            heard.append(command["command"])
            if END in command["command"]:
                return

    with client.monitor() as ear:
        listener = Thread(target=listen, args=[ear], daemon=True)
        listener.start()
        try:
            yield heard
        finally:
            client.execute_command("ECHO", END)
            listener.join(timeout=20)


def everything_in_redis(url: str) -> str:
    """All keys with their values, as text."""
    client = redis.Redis.from_url(url)
    return "\n".join(f"{key!r} {client.dump(key)!r}" for key in client.scan_iter())
