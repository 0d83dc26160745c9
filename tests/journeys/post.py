"""A real mail server on loopback that keeps what it receives, and lets a journey wait for a letter."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dev.redis import free_port

PATIENCE = 60


@dataclass(frozen=True)
class Letter:
    """One received mail."""

    to: str
    subject: str
    text: str
    headers: EmailMessage

    @property
    def link(self) -> str:
        """The one-time link in the plain text."""
        (link,) = set(re.findall(r"https?://\S+/[0-9a-f]{32}/?", self.text))
        return link


class PostOffice:
    """Takes every mail that the portal sends, but for those to addresses that it was told to refuse."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.refused: dict[str, str] = {}
        self.arrival = Condition()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail: Any = message_from_bytes(envelope.content, policy=default)
        text = mail.get_body(("plain",)).get_content()
        with self.arrival:
            self.letters += [Letter(to, str(mail["Subject"]), text, mail) for to in envelope.rcpt_tos]
            self.arrival.notify_all()
        return "250 OK"

    def letter(self, to: str, subject: str, about: str = "") -> Letter:
        """The newest letter with this subject to this person that names the claim, once it has come."""

        def found() -> list[Letter]:
            return [m for m in self.letters if m.to == to and m.subject == subject and about in m.text]

        with self.arrival:
            came = self.arrival.wait_for(found, timeout=PATIENCE)
        assert came, f"No letter “{subject}” to {to} within {PATIENCE} s."
        return found()[-1]

    @contextmanager
    def refusing(self, address: str, answer: str) -> Iterator[None]:
        """Answer so to every mail to this address meanwhile."""
        self.refused[address] = answer
        try:
            yield
        finally:
            del self.refused[address]

    @property
    def url(self) -> str:
        return f"smtp://{self.controller.hostname}:{self.controller.port}"
