"""Typed customer IDs: what each kind must look like, and what to change when it does not (WIZ-3)."""

import re
import uuid
from collections.abc import Callable

import idna
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from .models import IdKind

LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The one spelling of each kind. What comes in it already, as most of a long list does, is stored as it is.
STORED: dict[str, re.Pattern[str]] = {
    IdKind.DOMAIN: re.compile(rf"(?=.{{3,253}}\Z)(?!www\.)(?:{LABEL.pattern}\.)+(?![0-9]+\Z){LABEL.pattern}"),
    IdKind.TENANT: GUID,
    IdKind.SUBSCRIPTION: GUID,
    IdKind.TPID: re.compile(r"0|[1-9][0-9]{0,11}"),
    IdKind.OPPORTUNITY: re.compile(r"[A-Z0-9-]{6,20}"),
}


def domain(raw: str) -> str:
    """A bare domain with its suffix, in its ASCII form; says which part to leave out."""
    text = raw.lower()
    for wrong, found in (
        (_("“https://”"), re.match(r"[a-z][a-z0-9+.-]*://", text)),
        (_("the part before “@”"), "@" in text),
        (_("“www.”"), text.startswith("www.")),
    ):
        if found:
            raise ValidationError(
                _("Enter the domain only, without %(part)s, for example contoso.com.") % {"part": wrong}
            )
    if re.search(r"[/?#:\\\s]", text):
        raise ValidationError(
            _("Enter the domain only, without a path, port or spaces, for example contoso.com.")
        )
    name = ascii_form(text.rstrip("."))
    if not STORED[IdKind.DOMAIN].fullmatch(name):
        raise ValidationError(_("This is not a domain name. Enter one with its suffix, like contoso.com."))
    return name


def ascii_form(name: str) -> str:
    """A name with letters beyond ASCII as registries write it, without making “ß” another company's “ss”."""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True, transitional=False).decode()
    except UnicodeError as error:
        raise ValidationError(_("This is not a domain name. Enter one like contoso.com.")) from error


def guid(raw: str) -> str:
    """A GUID of 32 hexadecimal digits, in the usual five groups."""
    if not re.fullmatch(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?", raw):
        raise ValidationError(
            _(
                "Enter an ID of 32 digits and letters a to f in five groups, like 72f988bf-86f1-41af-91ab-2d7cd011db47."
            )
        )
    return str(uuid.UUID(raw))


def tpid(raw: str) -> str:
    if not re.fullmatch(r"[0-9]{1,12}", raw):
        raise ValidationError(_("A TPID is a number of at most 12 digits. Enter the digits only."))
    return raw.lstrip("0") or "0"


def opportunity(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{6,20}", raw):
        raise ValidationError(_("An Opportunity ID has 6 to 20 letters, digits and hyphens."))
    return raw.upper()


RULES: dict[str, Callable[[str], str]] = {
    IdKind.DOMAIN: domain,
    IdKind.TENANT: guid,
    IdKind.SUBSCRIPTION: guid,
    IdKind.TPID: tpid,
    IdKind.OPPORTUNITY: opportunity,
}


def normalize(kind: str, raw: str) -> str:
    """The one spelling under which this ID is stored and compared; raises ValidationError with what to change."""
    text = raw.strip()
    return text if STORED[kind].fullmatch(text) else RULES[kind](text)
