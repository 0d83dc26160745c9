"""Other servers that the portal asks, and the mailbox that it reads: in plain text on this machine alone.

And where people reach support, which the portal only names.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from environs import ValidationError

HOST = re.compile(r"(?!-)[a-z0-9.-]{1,253}(?<!-)")
MAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
PAGE = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]+)?(/[!-~]*)?")


def why_no_origin(text: str) -> str:
    """What is wrong with the address of another server, as a sentence; empty where nothing is."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "It is not an address. Write one like https://login.example."
    if not (HOST.fullmatch(host) or is_loopback(host)):
        return "It names no server. Write one like https://login.example."
    written = f"[{host}]" if ":" in host else host
    if text != f"{parts.scheme}://{written}" + (f":{port}" if port else ""):
        return "Write scheme, host and port only, in lower case: no user, no path, no slash at the end."
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "It must begin with https://; plain http:// is for 127.0.0.1, ::1 and localhost."
    return ""


def check_origin(text: str) -> None:
    """Lets an empty setting pass, and one that names another server; raises ValidationError with what is wrong."""
    if text and (wrong := why_no_origin(text)):
        raise ValidationError(wrong)


def why_no_postbox(text: str) -> str:
    """What is wrong with the address of a mailbox, as a sentence that repeats no password; empty where nothing is."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "It is not an address. Write one like imaps://user:password@mail.example/INBOX."
    if parts.scheme == "maildir":
        whole = not host and parts.path.startswith("/")
        return "" if whole else "Write a maildir with three slashes: maildir:///var/mail/bounces."
    if parts.scheme not in {"imaps", "imap"} or not (HOST.fullmatch(host) or is_loopback(host)):
        return "Write imaps://user:password@mail.example/INBOX, or maildir:///var/mail/bounces."
    if parts.scheme == "imap" and not is_loopback(host):
        return "It must begin with imaps://; plain imap:// is for 127.0.0.1, ::1 and localhost."
    return ""


def check_postbox(text: str) -> None:
    """Lets an empty setting pass, and one that names a mailbox; raises ValidationError with what is wrong."""
    if text and (wrong := why_no_postbox(text)):
        raise ValidationError(wrong)


def check_support(text: str) -> None:
    """Lets an empty setting pass, and an e-mail address or a page; raises ValidationError for what leads nowhere."""
    if text and not (MAIL.fullmatch(text) or PAGE.fullmatch(text)):
        raise ValidationError(
            "Write an address like support@vendor.example, or a page like https://vendor.example/help."
        )


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself, so that nothing said to it can be overheard."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
