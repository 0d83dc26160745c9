"""Slows down guessing: so many tries per key and quarter of an hour, counted in the cache."""

import hashlib
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from mail.pauses import Pause

WINDOW_SECONDS = 15 * 60
WRONG_KEYS = 30
UNANSWERED = Pause(seconds=10)


def allows(key: str, *, tries: int) -> bool:
    """Count one try under this key; false once there were more than `tries` within the window."""
    count = asked(partial(one_more, f"throttle:{key}"))
    return count is None or count <= tries


def allows_key(request: HttpRequest) -> bool:
    """Count one link that opens nothing, by the place that it was asked from."""
    return allows(counted_as(request, "link"), tries=WRONG_KEYS)


def take_back(key: str) -> None:
    """One counted try was a good one: it counts no more."""
    asked(partial(cache.decr, f"throttle:{key}"))


def forget(key: str) -> None:
    asked(partial(cache.delete, f"throttle:{key}"))


def one_more(name: str) -> int:
    cache.add(name, 0, WINDOW_SECONDS)
    return cache.incr(name)


def asked(question: Callable[[], int]) -> int | None:
    """What the cache says, or nothing: without it nobody is kept out of the portal, nor waits for it at every step."""
    if UNANSWERED.lasts:
        return None
    try:
        return question()
    except ValueError:  # a window that ended between two steps took its count along
        return None
    except RedisError:
        UNANSWERED.begin()
        return None


def counted_as(request: HttpRequest, what: str, address: str = "") -> str:
    """By person and place, so that nobody can lock somebody else out from afar; or by place alone."""
    told_apart = f"{address.casefold()}|{place_of(request)}"
    return f"{what}:{hashlib.sha256(told_apart.encode()).hexdigest()}"


def place_of(request: HttpRequest) -> str:
    """Where a request comes from: behind the proxy, what the proxy itself wrote last; else nobody's word counts."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
