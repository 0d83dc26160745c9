from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives import clockwork
from incentives.models import Tick
from mail import clock


class Command(BaseCommand):
    help = "Say how long ago beat and worker were seen alive; ends with code 1 where one has been silent for too long."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "process", nargs="?", choices=[Tick.BEAT, Tick.WORKER], help="look after this one only"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, asked = clock.now(), options["process"]
        for name, age in clockwork.ages(now=now).items():
            if asked in (None, name):
                seen = (
                    "has never been seen"
                    if age is None
                    else f"was seen {age.total_seconds():.0f} seconds ago"
                )
                self.stdout.write(f"{name} {seen}.")
        if wrong := [name for name in clockwork.late(now=now) if asked in (None, name)]:
            raise CommandError(f"Late: {', '.join(wrong)}.")
