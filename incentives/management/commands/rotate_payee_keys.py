from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incentives.payee import rotation

MOST_NAMED = 20


class Command(BaseCommand):
    help = (
        "Seal all bank and tax numbers anew under the first of PAYEE_KEYS, so that the others can be dropped."
        " Safe to run twice, beside itself and while people work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = rotation.rotate()
        self.stdout.write(f"{done.sealed_anew} of {done.profiles} payee profiles were sealed anew.")
        if done.held:
            self.stdout.write(f"Being saved by somebody just then: {some_of(done.held)}. Run this again.")
        if done.unreadable:
            self.stdout.write(
                f"No key opens: {some_of(done.unreadable)}. Bring the missing key back into PAYEE_KEYS, or ask"
                " the Incentive Admins of these locations to enter their details again."
            )
        if not done.finished:
            raise CommandError("Keep the older keys for now.")
        self.stdout.write("The first key opens every one of them: the older keys can be dropped.")


def some_of(numbers: list[int]) -> str:
    more = len(numbers) - MOST_NAMED
    shown = ", ".join(f"PartnerID {number}" for number in numbers[:MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
