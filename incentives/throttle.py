"""Slows down guessing: so many tries per key and quarter of an hour, counted in the cache."""

from django.core.cache import cache
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
