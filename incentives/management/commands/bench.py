import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from ..bench.cases import CASES


class Command(BaseCommand):
    help = "Measure one benchmark on this database and print its figures as JSON; run.py bench prepares all of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", choices=[case.name for case in CASES])
        parser.add_argument("--list", action="store_true", help="print the benchmarks and their bulk data")

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        if options["list"]:
            self.stdout.write(json.dumps([{"name": case.name, "bulk": case.bulk} for case in CASES]))
            return
        figures = [figure for case in CASES if case.name == name for figure in case.measure()]
        self.stdout.write(json.dumps([asdict(figure) | {"holds": figure.holds} for figure in figures]))
