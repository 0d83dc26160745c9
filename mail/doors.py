"""The doors that one-time links open, the same for every purpose: from the key to a clean address.

Opening a link answers nothing. It notes the link in the visitor's session and redirects, so that the key stands in no
page, Referer or later log line; only a form sent from the clean address acts.
"""

import re
from collections.abc import Callable, Container
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from . import clock
from .clock import TimedRequest
from .models import Link, Message
from .models.links import KEY_LENGTH
from .models.wishes import is_key_to

View = Callable[..., HttpResponse]
Throttle = Callable[[HttpRequest], bool]

# Mail programs add brackets, dots and more slashes to a link; a key is what stands before them.
KEY = re.compile(rf"\s*([0-9a-f]{{{KEY_LENGTH}}})", re.IGNORECASE)
OPENED = "opened_links"
OF_ACCOUNTS = {Link.Purpose.INVITATION.value, Link.Purpose.PASSWORD_RESET.value}
REMINDERS = "reminders"
KEPT = 50


class Closed(Exception):
    """This door does not open; `cause` says why, in a word that the page turns into plain sentences."""

    def __init__(
        self, cause: str, purpose: str, *, status: int = HTTPStatus.GONE, typed: int = KEY_LENGTH
    ) -> None:
        super().__init__(cause)
        self.cause, self.purpose, self.status, self.typed = cause, purpose, status, typed


def public(view: View) -> View:
    """A page for people without an account: kept by nobody, indexed by nobody, and closed with reasons."""

    @wraps(view)
    def door(request: TimedRequest, **kwargs: Any) -> HttpResponse:
        request.now = clock.now()
        try:
            response = view(request, **kwargs)
        except Closed as closed:
            response = closed_page(request, closed)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return login_not_required(never_cache(sensitive_post_parameters()(door)))


def closed_page(request: HttpRequest, closed: Closed) -> HttpResponse:
    """One page for every link that opens nothing; it names no customer, no partner and nobody else."""
    template = "mail/closed_account.html" if closed.purpose in OF_ACCOUNTS else "mail/closed.html"
    response = render(request, template, {"closed": closed, "length": KEY_LENGTH}, status=closed.status)
    if closed.status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = "900"
    return response


def enter(request: TimedRequest, purpose: str, key: str, *, throttle: Throttle) -> Link:
    """The living link behind a key, noted in the visitor's session; raises Closed for any other key.

    Only wrong keys are counted, by place, so that guessing is slowed and nobody with a right key ever is.
    """
    match = KEY.match(key)
    link = Link.find(purpose, match[1].lower()) if match else None
    if link is None:
        raise wrong_key(request, purpose, key, throttle=throttle)
    refuse_dead(link, now=request.now)
    opened = [pk for pk in request.session.get(OPENED, []) if pk != link.pk]
    request.session[OPENED] = [*opened, link.pk][-KEPT:]
    return link


def quiet_address(request: TimedRequest, message: int, key: str, *, throttle: Throttle) -> str:
    """The address whose reminders this key stops, taken from the mail that it came in; raises Closed for any other."""
    match = KEY.match(key)
    to = Message.objects.filter(pk=message).values_list("to", flat=True).first()
    if match is None or to is None or not is_key_to(to, match[1].lower()):
        raise wrong_key(request, REMINDERS, key, throttle=throttle)
    return to


def wrong_key(request: HttpRequest, purpose: str, key: str, *, throttle: Throttle) -> Closed:
    """What a key is answered that opens nothing: that it is unknown, or that there were too many of them."""
    if not throttle(request):
        return Closed("throttled", purpose, status=HTTPStatus.TOO_MANY_REQUESTS)
    return Closed("unknown", purpose, status=HTTPStatus.NOT_FOUND, typed=len(key.strip()))


def noted(request: HttpRequest, pk: int, purposes: Container[str]) -> Link:
    """The link that this visitor opened before, dead or alive; raises Closed when they did not open it."""
    link = Link.objects.filter(pk=pk).first() if pk in request.session.get(OPENED, []) else None
    if link is None or link.purpose not in purposes:
        raise Closed("not_opened", "", status=HTTPStatus.NOT_FOUND)
    return link


def refuse_dead(link: Link, *, now: datetime, race: bool = False) -> None:
    """Raise Closed for a link that can no longer be answered.

    After a `race`, when the form was still alive as it was sent, "used" is a conflict: another answer was faster.
    """
    if cause := link.cause_of_death(now):
        raise Closed(
            cause, link.purpose, status=HTTPStatus.CONFLICT if race and cause == "used" else HTTPStatus.GONE
        )
