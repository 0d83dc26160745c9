from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

import claims
import engagements
from claims.models import Claim
from engagements import verdicts
from incentives.models import User
from mail import clock

from .. import demo, demo_materials
from ..demo import ACCOUNTS, PASSWORD

CATALOGUE = Path(engagements.__file__).parent / "data" / "catalogue.jsonl"
DATA = (
    ("import_catalogue", CATALOGUE),
    ("import_directory", Path(claims.__file__).parent / "data" / "directory.jsonl"),
)


class Command(BaseCommand):
    help = "Load the catalogue, the demo partners and people, and claims in every status. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="only print the demo accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self.print_accounts()
            return
        with transaction.atomic():
            if Claim.objects.exists():
                return
            for command, file in DATA:
                call_command(command, file, stdout=self.stdout if options["verbosity"] > 1 else Silence())
            now = clock.now()
            demo.make_partners(now=now)
            demo.make_people(now=now)
            demo.make_canned_comments(now=now)
            demo.make_payees(now=now)
            demo.make_enrolments(now=now)
            demo.end_enrolments(now=now)
            owner = User.objects.get(email="owner@microsoft.example")
            demo_materials.make_materials(by=owner, now=now)
            demo.make_customer_lists(now=now)
            demo.let_one_close_soon(now=now)
            demo.make_claims(now=now)
            demo.make_full_limits(now=now)
            waiting = Claim.objects.get(name="Fabrikam devices")
            demo_materials.upload_under_an_older_template(waiting, at=now - timedelta(days=20))
            verdicts.evaluate(now=now)

    def print_accounts(self) -> None:
        width = max(len(account.email) for account in ACCOUNTS)
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<{width}}  {account.says}")
        self.stdout.write(f"  Password of each: {PASSWORD}")


class Silence:
    """Takes what a command would print."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...
