from pathlib import Path

from engagements import catalogue, verdicts
from engagements.management.file_import import FileImport
from engagements.merge import Outcome
from mail import clock


class Command(FileImport):
    help = "Load the catalogue of engagements (engagements/data/README.md): all of a file, or nothing of it."

    @staticmethod
    def load(path: Path) -> dict[str, Outcome]:
        outcomes = catalogue.load(path)
        verdicts.judge_all(now=clock.now())
        return outcomes
