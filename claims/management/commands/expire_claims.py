from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from claims import expiry
from mail import clock


class Command(BaseCommand):
    help = "Let every claim expire whose deadline has passed, as the scheduled job does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--now", metavar="ISO-INSTANT", help="judge by this instant, e.g. 2026-11-21T10:00:00Z"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = self.instant(options["now"]) if options["now"] else clock.now()
        expired = expiry.expire_due(now=now)
        self.stdout.write(f"{expired} claim{'' if expired == 1 else 's'} expired as of {now.isoformat()}.")

    def instant(self, text: str) -> Any:
        try:
            instant = parse_datetime(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            raise CommandError(
                f"“{text}” is not an instant. Write it with a time zone, like 2026-11-21T10:00:00Z."
            )
        return instant
