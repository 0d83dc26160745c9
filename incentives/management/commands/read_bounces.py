"""The mailbox of notifications at the command line: read it now, and say what it told."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mail import clock, returns
from mail.postboxes import Unreachable


class Command(BaseCommand):
    help = "Read the mailbox that BOUNCES_URL names, and record which mails came back."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BOUNCES_URL:
            raise CommandError("No mailbox is set: BOUNCES_URL is empty.")
        try:
            found = returns.read_postbox(now=clock.now())
        except Unreachable as error:
            raise CommandError(f"The mailbox cannot be read: {error}") from error
        told = ", ".join(f"{outcome} {found[outcome]}" for outcome in returns.Outcome if found[outcome])
        self.stdout.write(f"Read: {found.total()} ({told})." if told else "Read: nothing new.")
