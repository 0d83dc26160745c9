"""What a mail server says of a mail that came back or is put off: delivery status notifications (RFC 3464)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Part
from email.utils import getaddresses

ORIGINALS = {"message/rfc822", "message/global"}
TYPE = re.compile(r"^[A-Za-z][\w-]*\s*;\s*")
HEADS = {"text/rfc822-headers", "message/global-headers"}


@dataclass(frozen=True)
class Notification:
    """What became of one mail on its way to one address."""

    message_id: str
    addresses: tuple[str, ...]
    final: bool
    words: str


def notifications(raw: bytes) -> list[Notification]:
    """What a received mail tells of a mail that was sent; nothing where it is no notification, or does not name it."""
    mail = message_from_bytes(raw)
    parts = list(mail.walk())
    sent = next((found for part in parts if (found := original_id(part))), "")
    if not sent:
        return []
    told = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if told:
        return [of for part in told for of in of_recipients(part, sent)]
    failed = getaddresses([str(value) for value in mail.get_all("X-Failed-Recipients", [])])
    words = next((text(part) for part in parts if part.get_content_type() == "text/plain"), "")
    return [Notification(sent, (address,), True, words) for _name, address in failed if address]


def original_id(part: Part) -> str:
    """The Message-ID of the mail that came back, from its copy or from the copy of its head."""
    kind = part.get_content_type()
    heads = blocks(part) if kind in ORIGINALS | HEADS else []
    if kind in HEADS and not heads:
        heads = [message_from_bytes(raw_text(part))]
    return next((written(head, "Message-ID") for head in heads), "")


def blocks(part: Part) -> list[Part]:
    """What a part holds that has headers of its own."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Part)] if isinstance(payload, list) else []


def of_recipients(part: Part, sent: str) -> Iterator[Notification]:
    """One for each recipient that was not reached yet, or never will be; the first block is about the server itself."""
    for block in blocks(part):
        addresses = tuple(
            address_in(value)
            for name in ("Final-Recipient", "Original-Recipient")
            if (value := written(block, name))
        )
        action = written(block, "Action").lower()
        if addresses and action in {"failed", "delayed"}:
            said = typed(written(block, "Diagnostic-Code")) or written(block, "Status")
            yield Notification(sent, addresses, action == "failed", said)


def written(block: Part, name: str) -> str:
    """A header on one line, without what no database holds."""
    return " ".join(str(block.get(name, "")).replace("\x00", " ").split())


def typed(value: str) -> str:
    """What follows the type: «smtp; 550 no such user»."""
    return TYPE.sub("", value, count=1)


def address_in(value: str) -> str:
    return typed(value).strip("<> ")


def raw_text(part: Part) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def text(part: Part) -> str:
    return raw_text(part).decode(errors="replace")
