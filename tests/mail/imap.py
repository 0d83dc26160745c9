"""A mail server on loopback that speaks as much IMAP as the portal needs, and can refuse, fall silent or hang up."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread

FETCH = re.compile(r"UID FETCH (\d+) \((.*)\)")
STORE = re.compile(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)")


class Imap(ThreadingTCPServer):
    """One mailbox; `manner` says where it misbehaves."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, mails: list[bytes], manner: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails, self.manner, self.over = mails, manner, Event()
        self.flags: dict[int, str] = {}
        self.commands: list[str] = []

    @property
    def address(self) -> str:
        return f"imap://bounces%40vendor.example:p%2Fw@127.0.0.1:{self.server_address[1]}/INBOX"


class Session(StreamRequestHandler):
    server: Imap

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        if self.server.manner == "silent":
            self.server.over.wait(20)
            return
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            self.server.commands.append(command)
            if self.server.manner == "hangs" and command.startswith("UID FETCH"):
                self.server.over.wait(20)
                return
            if self.server.manner == "hangs up" and command.startswith("UID"):
                return
            self.say(f"{tag} {self.answer(command)}")

    def answer(self, command: str) -> str:
        if command == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif command.startswith("LOGIN") and self.server.manner == "refuses":
            return "NO [AUTHENTICATIONFAILED] Invalid credentials"
        elif command.startswith("SELECT"):
            self.say(f"* {len(self.server.mails)} EXISTS")
        elif command.startswith("UID SEARCH"):
            unread = [
                n for n in range(1, len(self.server.mails) + 1) if "Seen" not in self.server.flags.get(n, "")
            ]
            self.say(" ".join(["* SEARCH", *map(str, unread)]))
        elif found := FETCH.match(command):
            self.fetch(int(found[1]), found[2])
        elif found := STORE.match(command):
            self.server.flags[int(found[1])] = found[2]
        elif command == "LOGOUT":
            self.say("* BYE")
        return "OK done"

    def fetch(self, number: int, what: str) -> None:
        mail = self.server.mails[number - 1]
        if what == "RFC822.SIZE":
            self.say(f"* {number} FETCH (UID {number} RFC822.SIZE {len(mail)})")
            return
        most = re.search(r"<0\.(\d+)>", what)
        part = mail[: int(most[1])] if most else mail
        self.wfile.write(
            f"* {number} FETCH (UID {number} BODY[] {{{len(part)}}}\r\n".encode() + part + b")\r\n"
        )


@contextmanager
def imap(mails: list[bytes], manner: str = "") -> Iterator[Imap]:
    with Imap(mails, manner) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()
