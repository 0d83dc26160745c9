"""Slows down guessing: so many tries per key and quarter of an hour, counted in the cache."""

from django.core.cache import cache

WINDOW_SECONDS = 15 * 60


def allows(key: str, *, tries: int) -> bool:
    """Count one try under this key; false once there were more than `tries` within the window."""
    cache.add(f"throttle:{key}", 0, WINDOW_SECONDS)
    try:
        return cache.incr(f"throttle:{key}") <= tries
    except ValueError:
        return True


def forget(key: str) -> None:
    cache.delete(f"throttle:{key}")
