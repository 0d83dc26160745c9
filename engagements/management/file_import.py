"""What the import commands share: a file to read, all of it or nothing, and what came of it."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ..merge import Outcome
from ..recordfile import FileRefused


class FileImport(BaseCommand):
    """Loads one file of records; a bad one ends with every problem listed, exit code 1 and nothing loaded."""

    load: Callable[[Path], Mapping[str, Outcome]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="JSON Lines, UTF-8")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            outcomes = type(self).load(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except FileRefused as refusal:
            count = len(refusal.problems)
            raise CommandError(f"{refusal}\nNothing was loaded. Problems in {file}: {count}.") from refusal
        for kind, outcome in outcomes.items():
            self.stdout.write(f"{kind}: {outcome}")
