"""The tenant of a domain by OpenID discovery: a document that anybody may read, and of which nothing is believed."""

import json
import logging
import re
from typing import Any

from django.conf import settings

from engagements.customer_ids import GUID, STORED
from engagements.models import IdKind

from .bounded import Answer, NoAnswer, get

log = logging.getLogger(__name__)

# The real document has less than 2 kB.
AT_MOST = 64 * 1024
# "Tenant not found", and "neither a valid DNS name nor an external domain", by the authority's own numbers.
NO_SUCH_TENANT = {90002, 900023}


class Unreachable(Exception):
    """The authority gave no answer that can be used; what it would have said is not known."""


class Silent(Unreachable):
    """The authority is down, overloaded or cut off, for every domain: asking at once again would only cost time."""


class Discovery:
    """An authority that tells the one tenant of a domain by `/{domain}/v2.0/.well-known/openid-configuration`."""

    def __init__(self, authority: str, *, within: float) -> None:
        self.name, self.within = authority, within

    def tenant_of(self, domain: str) -> str | None:
        """The tenant ID of a normalized domain, None where it has none; raises Unreachable, within its seconds."""
        if not STORED[IdKind.DOMAIN].fullmatch(domain):
            raise ValueError(f"Not a normalized domain: {domain!r}")
        try:
            path = f"/{domain}/v2.0/.well-known/openid-configuration"
            answer = get(self.name, path, within=self.within, at_most=AT_MOST + 1)
        except NoAnswer as error:
            log.warning("The directory at %s does not answer: %s", self.name, error)
            raise Silent from error
        if answer.status == 429 or answer.status >= 500:
            log.warning("The directory at %s answers with status %s", self.name, answer.status)
            raise Silent
        return self.read(answer)

    def read(self, answer: Answer) -> str | None:
        document = object_in(answer.body)
        if answer.status == 200 and (tenant := tenant_in(document, self.name)):
            return tenant
        if answer.status in {400, 404} and says_no_such_tenant(document):
            return None
        log.warning(
            "The directory at %s answers with what it should not: status %s", self.name, answer.status
        )
        raise Unreachable


def authority() -> Discovery | None:
    """Whom to ask about domains; None where the database alone answers."""
    if not settings.DIRECTORY_AUTHORITY:
        return None
    return Discovery(settings.DIRECTORY_AUTHORITY, within=settings.DIRECTORY_TIMEOUT)


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object that this is, an empty one where it is anything else."""
    if len(body) > AT_MOST:
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def tenant_in(document: dict[str, Any], authority: str) -> str:
    """The tenant that issuer and token endpoint both name, under this very authority; empty where they do not."""
    home = re.escape(authority)
    issuer, endpoint = (
        re.fullmatch(pattern, str(document.get(name)))
        for name, pattern in (
            ("issuer", rf"{home}/({GUID.pattern})/v2\.0"),
            ("token_endpoint", rf"{home}/({GUID.pattern})/oauth2/v2\.0/token"),
        )
    )
    return issuer[1] if issuer and endpoint and issuer[1] == endpoint[1] else ""


def says_no_such_tenant(document: dict[str, Any]) -> bool:
    codes = document.get("error_codes")
    numbers = {code for code in codes if isinstance(code, int)} if isinstance(codes, list) else set()
    return document.get("error") == "invalid_tenant" or bool(numbers & NO_SUCH_TENANT)
