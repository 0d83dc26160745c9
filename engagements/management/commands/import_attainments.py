from pathlib import Path

from engagements import attainment_file
from engagements.management.file_import import FileImport
from engagements.merge import Outcome
from mail import clock


class Command(FileImport):
    help = "Load which location holds which designation: all of a file, or nothing of it."

    @staticmethod
    def load(path: Path) -> dict[str, Outcome]:
        return attainment_file.load(path, now=clock.now())
