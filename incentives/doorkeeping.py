"""What holds for every page, whichever it is: what is refused before it is asked, and that nobody keeps a copy."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_vary_headers


class PlainRequestMiddleware:
    """Answers 400 to NUL characters in path, query or cookies: PostgreSQL cannot store them, no page sends them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A quoted cookie may spell it: the key of a session is looked up in the database as it came.
        texts = (request.path, *request.COOKIES.values())
        if any("\0" in text for text in texts) or "%00" in request.META.get("QUERY_STRING", ""):
            return render(request, "400.html", status=400)
        return self.get_response(request)


class WholeFormMiddleware:
    """Answers 400 to a form that lost its beginning or its end on the way: half a comment must not be kept as one.

    The server hands over what came before a connection broke, and a form cut short would be read as a shorter form.
    Uploads that are not held in memory are left to the inspection of their files.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        is_small = announced.isdecimal() and 0 < int(announced) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if is_small and is_cut_off(request, int(announced)):
            return render(request, "400.html", status=400)
        return self.get_response(request)


def is_cut_off(request: HttpRequest, announced: int) -> bool:
    try:
        body = request.body
    except OSError:
        return True
    if len(body) < announced:
        return True
    boundary = b"--" + (request.content_params or {}).get("boundary", "").encode()
    is_framed = body.startswith(boundary) and body.rstrip().endswith(boundary + b"--")
    return request.content_type == "multipart/form-data" and not is_framed


class KeptByNobodyMiddleware:
    """Tells browsers and proxies to keep no page, so that Back after sign-out, on a shared machine, shows nothing.

    What htmx asks for is a part of a page under the page's own address: whoever keeps either keeps them apart (I11).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response
