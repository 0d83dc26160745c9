"""The language in which somebody without an account reads: chosen on the page, else as their browser wishes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from .clock import TimedRequest

View = Callable[..., HttpResponse]
YEAR = 365 * 24 * 3600


class SpokenRequest(TimedRequest):
    """A request of somebody who may choose between these languages."""

    languages: list[tuple[str, str]]


def spoken(view: View) -> View:
    """A page in the visitor's language, with links to the others; what was chosen holds for their next pages."""

    @wraps(view)
    def door(request: SpokenRequest, **kwargs: Any) -> HttpResponse:
        wish = request.GET.get("language", "")
        chosen = wish if wish in dict(settings.LANGUAGES) else ""
        language = chosen or translation.get_language_from_request(request)
        request.languages = settings.LANGUAGES
        with translation.override(language):
            response = view(request, **kwargs)
        if chosen:
            remember(response, chosen)
        response["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    return door


def remember(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
