"""The mail server as delivery meets it: one connection for many mails, and what each answer means for the others."""

import smtplib
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

MAILS_PER_CONNECTION = 100
# A server that has read a mail may take long to say so; who gives up too early sends it twice (RFC 5321, 4.5.3.2).
PATIENCE_AFTER_DATA = 60
NOT_AVAILABLE = 421


class Outcome(Enum):
    """What became of a mail that was offered to the server."""

    ACCEPTED = auto()
    DEFERRED = auto()  # this mail is taken later
    REFUSED = auto()  # this mail is never taken
    INTERRUPTED = auto()  # the server went away in the middle of this mail
    OUT_OF_REACH = auto()  # the server has not heard of this mail at all


@dataclass(frozen=True)
class Answer:
    """What the server said, as people read it, and what it means."""

    outcome: Outcome
    words: str
    # A connection that broke may have broken after the server had taken the mail.
    surely_not_taken: bool = True


class MailServer:
    """A connection that is opened when it is needed, used for many mails, and closed with the block."""

    def __init__(self) -> None:
        self._backend: _Backend | None = None
        self._offered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def hand_over(self, mail: EmailMultiAlternatives) -> Answer:
        """Offer one mail; no answer of the server raises."""
        try:
            backend = self._reached()
        except OSError as error:
            self._leave()
            return Answer(Outcome.OUT_OF_REACH, words_of(error))
        self._offered += 1
        try:
            backend.send_messages([mail])
        except OSError as error:
            broken = code_of(error) is None and meaning_of(error) == Outcome.INTERRUPTED
            answer = Answer(meaning_of(error), words_of(error), surely_not_taken=not broken)
            if answer.outcome in (Outcome.INTERRUPTED, Outcome.OUT_OF_REACH):
                self._leave()
            return answer
        return Answer(Outcome.ACCEPTED, said(*backend.connection.last_reply), surely_not_taken=False)

    def _reached(self) -> "_Backend":
        if self._offered >= MAILS_PER_CONNECTION or (self._backend and not self._backend.answers()):
            self._leave()
        if self._backend is None:
            self._backend = _Backend()
            self._backend.open()
            self._backend.connection.ehlo_or_helo_if_needed()
        return self._backend

    def _leave(self) -> None:
        """Say good-bye; whether the server hears it changes nothing about the mails that it has taken."""
        backend, self._backend, self._offered = self._backend, None, 0
        if backend:
            try:
                backend.close()
            except OSError:
                return


class _Listening:
    """Keeps the words with which the server took the last mail; smtplib itself forgets them."""

    last_reply: tuple[int, bytes] = (0, b"")

    def data(self, msg: Any) -> tuple[int, bytes]:
        session: Any = self
        session.sock.settimeout(max(session.timeout, PATIENCE_AFTER_DATA))
        self.last_reply = super().data(msg)  # type: ignore[misc]  # that of the SMTP session it is mixed into
        session.sock.settimeout(session.timeout)
        return self.last_reply


class _Plain(_Listening, smtplib.SMTP):
    pass


class _Secure(_Listening, smtplib.SMTP_SSL):
    pass


class _Backend(EmailBackend):
    connection: Any

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Secure if self.use_ssl else _Plain

    def answers(self) -> bool:
        """Whether the server still listens on this connection, which it may have closed meanwhile."""
        try:
            return self.connection.noop()[0] == 250
        except OSError:
            return False


def meaning_of(error: OSError) -> Outcome:
    """What a failure in the middle of a mail means; a sender that is refused for good is refused for every mail."""
    code = code_of(error)
    if code is None:
        return Outcome.REFUSED if isinstance(error, smtplib.SMTPNotSupportedError) else Outcome.INTERRUPTED
    if code == NOT_AVAILABLE:
        return Outcome.INTERRUPTED
    if code < 500:
        return Outcome.DEFERRED
    return Outcome.OUT_OF_REACH if isinstance(error, smtplib.SMTPSenderRefused) else Outcome.REFUSED


def code_of(error: OSError) -> int | None:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code):
            return code
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return next(iter(refused.values()))[0]
    return None


def words_of(error: OSError) -> str:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return said(code, words)
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return said(*next(iter(refused.values())))
    return str(error) or type(error).__name__


def said(code: int, words: bytes | str) -> str:
    """The server's answer as people read it."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())
