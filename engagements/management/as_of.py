"""What commands share that do a job of the schedule by hand: the instant to judge by."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from mail import clock


class AsOf(BaseCommand):
    """Does what the scheduled job does, as of now or of another instant, and says what came of it."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--now", metavar="ISO-INSTANT", help="judge by this instant, e.g. 2026-11-21T10:00:00Z"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = self.instant(options["now"]) if options["now"] else clock.now()
        self.stdout.write(self.do(now=now))

    def do(self, *, now: datetime) -> str:
        """The deed, and a sentence about it."""
        raise NotImplementedError

    def instant(self, text: str) -> datetime:
        try:
            instant = parse_datetime(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise CommandError(
                f"“{text}” is not an instant. Write it with a time zone, like 2026-11-21T10:00:00Z."
            )
        return instant
