"""The catalogue as a file: loading one, with every problem named by its line, and writing one (ENG-8)."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from . import changes
from .catalogue_records import KINDS
from .changes import Change, Deed
from .export import catalogue_lines
from .merge import Outcome
from .recordfile import FileRefused, Problem, Record, read, read_lines


def load(path: Path, *, now: datetime) -> dict[str, Outcome]:
    """Write what the file says; raises FileRefused with every problem, and then nothing was loaded.

    Loading the same file again changes nothing. What the file does not name stays as it is.
    """
    problems: list[Problem] = []
    return changes.apply(sound(read(path, KINDS, problems), problems), by=None, deed=Deed.COMMAND, now=now)


def sound(records: Iterable[Record], problems: list[Problem]) -> Change:
    """What the records want; raises FileRefused when they are wrong in themselves, or among each other."""
    change = changes.collect(records, problems)
    if problems:
        raise FileRefused([*problems, *changes.why_not(change)])
    return change


def wanted(text: bytes) -> Change:
    """What an uploaded file wants; raises FileRefused like `load`."""
    problems: list[Problem] = []
    return sound(read_lines(text.split(b"\n"), KINDS, problems), problems)


def fingerprint() -> str:
    """A short text that is another one as soon as anything in the catalogue is."""
    digest = sha256()
    for line in catalogue_lines():
        digest.update(line.encode())
    return digest.hexdigest()
