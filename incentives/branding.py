"""The portal's names on every page: one setting each, so that no product name stands in code or templates."""

from types import SimpleNamespace

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, SimpleNamespace]:
    return {
        "portal": SimpleNamespace(name=settings.PORTAL_NAME, vendor=settings.VENDOR_NAME, demo=settings.DEMO)
    }
