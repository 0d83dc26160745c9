"""The catalogue as a file: loading one, with every problem named by its line, and writing one (ENG-8)."""

from pathlib import Path

from incentives.models import User

from . import changes
from .catalogue_records import KINDS
from .changes import Change, Deed
from .merge import Outcome
from .recordfile import FileRefused, Problem, read


def load(path: Path, *, by: User | None = None, deed: Deed = Deed.COMMAND) -> dict[str, Outcome]:
    """Write what the file says; raises FileRefused with every problem, and then nothing was loaded.

    Loading the same file again changes nothing. What the file does not name stays as it is.
    """
    return changes.apply(read_change(path), by=by, deed=deed)


def read_change(path: Path) -> Change:
    """What the file wants; raises FileRefused when its records are wrong in themselves, or among each other."""
    problems: list[Problem] = []
    change = changes.collect(read(path, KINDS, problems), problems)
    if problems:
        raise FileRefused([*problems, *changes.why_not(change)])
    return change
