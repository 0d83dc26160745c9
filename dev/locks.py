"""File locks between launchers. The kernel drops them with their process, so none can be left behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Busy(Exception):
    """Another process holds the lock."""


@contextmanager
def lock(path: Path, shared: bool = False, wait: bool = True) -> Iterator[TextIO]:
    """Holds the lock for a block and gives its file, in which the holder may leave a note for others."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Busy from None
        yield file
