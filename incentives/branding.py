"""The portal's names on every page, and where its support is: a setting each, so that none stands in templates."""

from types import SimpleNamespace

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, SimpleNamespace]:
    named = {
        "name": settings.PORTAL_NAME,
        "vendor": settings.VENDOR_NAME,
        "support": settings.SUPPORT_ADDRESS,
    }
    return {
        "portal": SimpleNamespace(**named, support_url=way_to(settings.SUPPORT_ADDRESS), demo=settings.DEMO)
    }


def way_to(address: str) -> str:
    """What a link to an e-mail address or a page leads to."""
    return f"mailto:{address}" if "@" in address.partition("/")[0] else address
