"""Slows down guessing: so many tries per key and quarter of an hour, counted in the cache."""

import hashlib

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

WINDOW_SECONDS = 15 * 60
# A window that ended between two steps took its count along; without the cache nobody is kept out of the portal.
NO_COUNT = (ValueError, RedisError)


def allows(key: str, *, tries: int) -> bool:
    """Count one try under this key; false once there were more than `tries` within the window."""
    try:
        cache.add(f"throttle:{key}", 0, WINDOW_SECONDS)
        return cache.incr(f"throttle:{key}") <= tries
    except NO_COUNT:
        return True


def take_back(key: str) -> None:
    """One counted try was a good one: it counts no more."""
    try:
        cache.decr(f"throttle:{key}")
    except NO_COUNT:
        return


def forget(key: str) -> None:
    try:
        cache.delete(f"throttle:{key}")
    except NO_COUNT:
        return


def counted_as(request: HttpRequest, what: str, address: str = "") -> str:
    """By person and place, so that nobody can lock somebody else out from afar; or by place alone."""
    told_apart = f"{address.casefold()}|{place_of(request)}"
    return f"{what}:{hashlib.sha256(told_apart.encode()).hexdigest()}"


def place_of(request: HttpRequest) -> str:
    """Where a request comes from: behind the proxy, what the proxy itself wrote last; else nobody's word counts."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
