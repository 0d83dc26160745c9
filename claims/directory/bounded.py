"""One GET that is over when its time is up, whatever the other side does: looks up, hangs, dribbles or floods."""

import socket
import ssl
from concurrent.futures import Future
from contextlib import suppress
from http.client import HTTPException
from threading import Thread
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError


class NoAnswer(Exception):
    """Nothing came back: no such host, refused, cut off, not who it says it is, or out of time."""


class Answer(NamedTuple):
    status: int
    body: bytes


def get(origin: str, path: str, *, within: float, at_most: int) -> Answer:
    """What this server says at this path, at most so many bytes of it; nobody else is contacted, redirects included.

    Raises NoAnswer after `within` seconds at the latest, looking up the name and shaking hands included.
    """
    call = Call(origin, path, within=within, at_most=at_most)
    call.start()
    try:
        return call.answer.result(within)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error
    finally:
        call.hang_up()


class Call(Thread):
    """Waits in the caller's place, because no time-out of a socket bounds a name's look-up or the sum of many bytes."""

    def __init__(self, origin: str, path: str, *, within: float, at_most: int) -> None:
        super().__init__(name="directory", daemon=True)
        self.connection = connection_to(origin, within)
        self.path, self.at_most, self.until = path, at_most, monotonic() + within
        self.socket: socket.socket | None = None
        self.answer: Future[Answer] = Future()

    def run(self) -> None:
        try:
            self.answer.set_result(self.ask())
        except Exception as error:
            self.answer.set_exception(error)
        finally:
            self.connection.close()

    def ask(self) -> Answer:
        self.connection.connect()
        # Kept here, because the connection forgets its socket once the headers have come.
        self.socket = self.connection.sock
        if monotonic() >= self.until:
            raise TimeoutError
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "portal"}
        self.connection.request(
            "GET", self.path, headers=headers, preload_content=False, decode_content=False
        )
        with self.connection.getresponse() as response:
            body = b""
            while len(body) < self.at_most and (piece := response.read(self.at_most - len(body))):
                body += piece
            return Answer(response.status, body)

    def hang_up(self) -> None:
        """Wakes the thread from whatever it still waits for, so that none stays behind with a server that dribbles."""
        if self.socket:
            with suppress(OSError):
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def connection_to(origin: str, within: float) -> HTTPConnection:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return HTTPConnection(host, parts.port, timeout=within)
    return HTTPSConnection(host, parts.port, timeout=within, ssl_context=ssl.create_default_context())
