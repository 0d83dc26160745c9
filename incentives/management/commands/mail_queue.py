"""The mail queue at the command line: see it, try failed mails again, stop delivery and let it go on."""

from argparse import ArgumentParser
from collections import defaultdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from incentives import postmaster
from incentives.forms import Sentence
from incentives.templatetags.portal import counted, instant
from mail import clock
from mail.models import Message, Outage, Stop
from mail.models.stops import REASON_LENGTH

_State = Message.State


class Command(BaseCommand):
    help = (
        "Say how many mails wait, left and failed, and whether delivery is stopped;"
        " try failed ones again, stop delivery, let it go on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        deed = parser.add_mutually_exclusive_group()
        deed.add_argument("--retry", nargs="+", type=int, metavar="ID", help="try these failed mails again")
        deed.add_argument("--failed", action="store_true", help="try every failed mail again")
        deed.add_argument("--stop", nargs="?", const="", metavar="REASON", help="let no mail leave")
        deed.add_argument("--go", action="store_true", help="let mail leave again, what waited at once")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if options["retry"]:
            self.retry(options["retry"], now)
        elif options["failed"]:
            self.retry_all(now)
        elif options["stop"] is not None:
            self.stop(options["stop"], now)
        elif options["go"]:
            self.go(now)
        else:
            self.see(now)

    def see(self, now: datetime) -> None:
        stopped = Stop.in_force()
        self.stdout.write(sentence_about(stopped) if stopped else "Delivery is running.")
        if outage := Outage.in_force():
            since = f"The mail server has been out of reach since {instant(outage.since)}: {outage.answer}"
            self.stdout.write(f"{since}\nOne mail tries it again at {instant(outage.next_probe_at)}.")
        kinds: dict[str, dict[str, int]] = defaultdict(dict)
        for state, kind, number in counts():
            kinds[state][kind] = number
        for state in _State:
            of_state = kinds[state]
            named = ", ".join(f"{kind} {counted(number)}" for kind, number in sorted(of_state.items()))
            total = counted(sum(of_state.values()))
            self.stdout.write(f"{state.label}: {total} ({named})." if named else f"{state.label}: none.")
        waiting = Message.objects.filter(state=_State.QUEUED)
        if oldest := waiting.order_by("created_at", "pk").first():
            due = (
                "is due"
                if oldest.next_attempt_at <= now
                else f"is tried at {instant(oldest.next_attempt_at)}"
            )
            self.stdout.write(
                f"The oldest that waits is mail {oldest.pk}, written {instant(oldest.created_at)}; it {due}."
            )

    def retry(self, numbers: list[int], now: datetime) -> None:
        unknown = []
        for number in numbers:
            message = Message.objects.filter(pk=number).first()
            if message is None:
                unknown.append(str(number))
            elif postmaster.try_again(message, by=None, now=now):
                self.stdout.write(f"Mail {number} is back in the queue.")
            elif message.state == _State.FAILED:
                self.stdout.write(
                    f"Mail {number} stays failed: its link is dead, or another mail has left meanwhile."
                )
            else:
                self.stdout.write(f"Mail {number} is {message.state} and needs no retry.")
        if unknown:
            raise CommandError(f"There is no mail {', '.join(unknown)}.")

    def retry_all(self, now: datetime) -> None:
        number = postmaster.try_all_again(by=None, now=now)
        self.stdout.write(f"Back in the queue: {counted(number)}.")
        if left := Message.objects.filter(state=_State.FAILED).count():
            self.stdout.write(
                f"Still failed: {counted(left)}, whose links are dead, or which another mail followed."
            )

    def stop(self, reason: str, now: datetime) -> None:
        reason = Sentence(required=False).clean(reason)[:REASON_LENGTH]
        if postmaster.stop(by=None, reason=reason, now=now):
            self.stdout.write("Delivery is stopped. What is posted now waits.")
        else:
            self.stdout.write("Delivery was stopped before, and nothing was changed.")

    def go(self, now: datetime) -> None:
        going = postmaster.go_on(by=None, now=now)
        self.stdout.write("Delivery goes on." if going else "Delivery was not stopped.")


def counts() -> Any:
    grouped = Message.objects.order_by().values_list("state", "kind")
    return grouped.annotate(number=Count("pk"))


def sentence_about(stopped: Stop) -> str:
    why = f": {stopped.reason}" if stopped.reason else ""
    return f"Delivery has been stopped since {instant(stopped.at)} by {stopped.by}{why}"
