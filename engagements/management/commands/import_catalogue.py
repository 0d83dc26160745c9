from pathlib import Path

from engagements import catalogue
from engagements.management.file_import import FileImport
from engagements.merge import Outcome
from mail import clock


class Command(FileImport):
    help = "Load the catalogue of engagements (engagements/data/README.md): all of a file, or nothing of it."

    @staticmethod
    def load(path: Path) -> dict[str, Outcome]:
        return catalogue.load(path, now=clock.now())
