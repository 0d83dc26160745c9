"""A hundred thousand mails of one company before the few of another (P07)."""

import time

from .services import until

FLOOD, FEW, SEEN = 100_000, 100, 600


def test_a_flood_of_one_company_keeps_no_other_waiting(line):
    line.env["MAILS_PER_MINUTE_AND_DOMAIN"] = "0"
    line.write(FLOOD, asked=False, company=1)
    line.write(FEW, asked=False, company=2)
    line.worker(children=1)
    line.ask("mail.tasks.deliver_due")
    until(lambda: line.sink.letters)
    begun = time.monotonic()
    until(lambda: len(line.sink.letters) >= SEEN, patience=120)

    print(f"\n{SEEN / (time.monotonic() - begun):.0f} mails a second by one worker of one process")
    domains = [letter.to.partition("@")[2] for letter in line.sink.letters[: 2 * FEW + 20]]
    assert domains.count("customer2.example") == FEW
