"""The mailbox that notifications come into: over IMAP, or a maildir on this machine; nothing is ever deleted there."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT = 20
PORT, PORT_TLS = 143, 993
LARGEST = 1024 * 1024
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Unreachable(Exception):
    """The mailbox cannot be read now."""


class Postbox(Protocol):
    """Mails that nobody has read yet, each with the name under which it is put away."""

    def unread(self) -> Iterator[tuple[str, bytes]]: ...

    def put_away(self, name: str, *, understood: bool) -> None:
        """Mark it as read; what nobody understood is flagged besides, for a person to look at."""

    def close(self) -> None: ...


def open_postbox(address: str) -> Postbox:
    """The mailbox at imaps://user:password@host/FOLDER, imap:// on this machine, or maildir:///path."""
    parts = urlsplit(address)
    return Maildir(Path(unquote(parts.path))) if parts.scheme == "maildir" else Imap(parts)


class Maildir:
    """A folder of files: what is new waits in `new`, what was read lies in `cur` with its flags in its name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            (path / "cur").stat()
            self.new = sorted((path / "new").iterdir())
        except OSError as error:
            raise Unreachable(f"There is no maildir that can be read at {path}.") from error

    def unread(self) -> Iterator[tuple[str, bytes]]:
        for file in self.new:
            # Another reader may have been faster; what may not be read stays where it is.
            with suppress(OSError), file.open("rb") as mail:
                yield file.name, mail.read(LARGEST)

    def put_away(self, name: str, *, understood: bool) -> None:
        flags = "S" if understood else "FS"
        with suppress(FileNotFoundError):
            (self.path / "new" / name).rename(self.path / "cur" / f"{name}:2,{flags}")

    def close(self) -> None:
        pass


class Imap:
    """A mailbox on another server, asked with a time-out at every step."""

    def __init__(self, parts: SplitResult) -> None:
        try:
            self.server = connected(parts)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        try:
            self.server.login(unquote(parts.username or ""), unquote(parts.password or ""))
            self.expect(*self.server.select(quoted(unquote(parts.path.strip("/")) or "INBOX")))
        except (OSError, imaplib.IMAP4.error) as error:
            self.server.shutdown()
            raise Unreachable(str(error) or type(error).__name__) from error

    def unread(self) -> Iterator[tuple[str, bytes]]:
        for number in self.ask("SEARCH", "UNSEEN")[0].split():
            size = SIZE.search(b"".join(parts_of(self.ask("FETCH", number.decode(), "(RFC822.SIZE)"))))
            # A part of a large mail is enough: what is told stands before what came back.
            most = f"(BODY.PEEK[]<0.{LARGEST}>)" if size and int(size[1]) > LARGEST else "(BODY.PEEK[])"
            found = self.ask("FETCH", number.decode(), most)
            mail = next((part[1] for part in found if isinstance(part, tuple)), None)
            if mail is not None:
                yield number.decode(), mail

    def put_away(self, name: str, *, understood: bool) -> None:
        self.ask("STORE", name, "+FLAGS.SILENT", r"(\Seen)" if understood else r"(\Seen \Flagged)")

    def close(self) -> None:
        try:
            self.server.logout()
        except (OSError, imaplib.IMAP4.error):
            self.server.shutdown()

    def ask(self, command: str, *arguments: str) -> list:
        try:
            return self.expect(*self.server.uid(command, *arguments))
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unreachable(str(error) or type(error).__name__) from error

    @staticmethod
    def expect(status: str, answer: list) -> list:
        if status != "OK":
            raise imaplib.IMAP4.error(b" ".join(parts_of(answer)).decode(errors="replace"))
        return answer


def connected(parts: SplitResult) -> imaplib.IMAP4:
    host = parts.hostname or ""
    if parts.scheme == "imap":
        return imaplib.IMAP4(host, parts.port or PORT, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(host, parts.port or PORT_TLS, ssl_context=context, timeout=TIMEOUT)


def quoted(name: str) -> str:
    """The name of a folder as IMAP wants it."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parts_of(answer: list) -> Iterator[bytes]:
    for part in answer:
        yield from part if isinstance(part, tuple) else [part or b""]
