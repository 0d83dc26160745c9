"""A folder that lives as long as one test run, and is removed by the next one if that run was killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.locks import Busy, lock
from dev.postgres_home import open_to_all

PREFIX = "incentives-test-"


@contextmanager
def folder() -> Iterator[Path]:
    """The path is short, for unix sockets, and every account may pass through it, for a root's PostgreSQL."""
    places = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))
    place = next((place for place in places if place.is_dir() and open_to_all(place)), places[0])
    sweep(place)
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    made.chmod(0o711)
    try:
        with lock(made / "lock"):
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sweep(place: Path) -> None:
    for left in place.glob(f"{PREFIX}*/lock"):
        if left.stat().st_uid != os.geteuid():
            continue
        try:
            with lock(left, wait=False):
                shutil.rmtree(left.parent, ignore_errors=True)
        except Busy:
            pass
