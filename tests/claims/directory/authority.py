"""An authority on this machine: it answers discovery as the real one does, or misbehaves in every way that it can."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

TENANT = "6f2e8a54-3a1c-4c0e-9f57-5d1f0c7b2a11"
OTHER_TENANT = "0b9d3c77-8d4f-4b52-a3e6-1c2d3e4f5a6b"


class Authority:
    """The server: what it says to each domain, and everything that it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.says: dict[str, Saying] = {}
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.over = Event()

    def answer(self, request: "Request") -> None:
        path = request.path
        self.heads.append(request.head)
        if not path:  # somebody came, and left without a word
            return
        self.asked.append(path.removeprefix("/").removesuffix("/v2.0/.well-known/openid-configuration"))
        self.says.get(self.asked[-1], unknown_tenant)(self, request)


class Request(StreamRequestHandler):
    server: "Server"

    def handle(self) -> None:
        lines = []
        while line := self.rfile.readline().rstrip():
            lines.append(line.decode())
        self.head = "\n".join(lines)
        self.path = lines[0].split(" ")[1] if lines else ""
        with suppress(OSError):
            self.server.authority.answer(self)

    def send(self, status: int, body: bytes | str, *headers: str) -> None:
        body = body.encode() if isinstance(body, str) else body
        head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}", *headers]
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + body)


Saying = Callable[[Authority, Request], None]


class Server(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    authority: Authority

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers hang up on it all the time."""


@contextmanager
def serving(*, certificate: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Authority]:
    with Server(("127.0.0.1", 0), Request) as server:
        scheme = "http"
        if certificate:
            server.socket = certificate.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        server.authority = Authority(f"{scheme}://{host}:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.authority
        finally:
            server.authority.over.set()
            server.shutdown()
            thread.join()


def document(url: str, tenant: str = TENANT) -> dict[str, Any]:
    return {
        "token_endpoint": f"{url}/{tenant}/oauth2/v2.0/token",
        "jwks_uri": f"{url}/{tenant}/discovery/v2.0/keys",
        "issuer": f"{url}/{tenant}/v2.0",
        "authorization_endpoint": f"{url}/{tenant}/oauth2/v2.0/authorize",
        "tenant_region_scope": "EU",
    }


def tenant(number: str = TENANT, **wrong: Any) -> Saying:
    """A document for this tenant, with some of its values wrong."""

    def say(authority: Authority, request: Request) -> None:
        right = document(authority.url, number)
        request.send(200, json.dumps(right | wrong), "Content-Type: application/json; charset=utf-8")

    return say


def failing(status: int, body: bytes | str = "", *headers: str) -> Saying:
    return lambda authority, request: request.send(status, body, *headers)


def refusing(status: int, **error: Any) -> Saying:
    return failing(status, json.dumps(error), "Content-Type: application/json")


unknown_tenant = refusing(
    400, error="invalid_tenant", error_description="AADSTS90002: Tenant not found.", error_codes=[90002]
)
no_domain_at_all = refusing(400, error="invalid_request", error_codes=[900023])


def flood(authority: Authority, request: Request) -> None:
    """Twenty million bytes, in a document that would otherwise be right."""
    request.send(200, json.dumps(document(authority.url) | {"more": "x" * 20_000_000}))


def hang(authority: Authority, request: Request) -> None:
    authority.over.wait()


def raw(text: str) -> Saying:
    return lambda authority, request: request.wfile.write(text.encode()) and None


def close(authority: Authority, request: Request) -> None:
    pass


def cut_short(authority: Authority, request: Request) -> None:
    whole = json.dumps(document(authority.url))
    request.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(whole) + 9}\r\n\r\n{whole}".encode())


def dribble(authority: Authority, request: Request, *, headers_at_once: bool = False) -> None:
    """The right answer, a byte at a time: no pause is long, only their sum is."""
    body = json.dumps(document(authority.url))
    whole = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    start = whole.index(b"{") if headers_at_once else 0
    request.wfile.write(whole[:start])
    for byte in whole[start:]:
        if authority.over.wait(0.05):
            return
        request.wfile.write(bytes([byte]))


def dribble_body(authority: Authority, request: Request) -> None:
    dribble(authority, request, headers_at_once=True)
