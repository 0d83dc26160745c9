from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from engagements import verdicts
from engagements.models import Designation, Engagement
from mail import clock

from ..bulk import Bulk
from .seed_demo import CATALOGUE, Silence


class Command(BaseCommand):
    help = "Make many plausible claims over many partners, fast, to measure with: once, and only in a demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--claims", type=int, required=True, metavar="N")
        parser.add_argument("--engagements", type=int, default=50, metavar="N")
        parser.add_argument("--locations", type=int, default=100, metavar="N")

    def handle(self, *args: Any, claims: int, engagements: int, locations: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This portal is no demo. Its claims are real, so no others are made beside them."
            )
        if min(claims, engagements, locations) < 1:
            raise CommandError("--claims, --engagements and --locations must be at least 1.")
        if Engagement.objects.filter(code__startswith="BULK-").exists():
            raise CommandError("This database has its bulk data already.")
        if not Designation.objects.exists():
            call_command("import_catalogue", CATALOGUE, stdout=Silence())
        now = clock.now()
        Bulk(now=now).make(claims=claims, engagements=engagements, locations=locations)
        run = verdicts.evaluate(now=now)
        # What autovacuum would do in its time: without it no index can answer alone.
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM (ANALYZE)")
        self.stdout.write(
            f"{claims} claims, {engagements} engagements, {locations} locations, {run.changed} verdicts."
        )
