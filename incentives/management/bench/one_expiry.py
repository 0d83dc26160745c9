"""Lets all due claims expire in a process of its own: how many there were, how long it took, and the memory it cost."""

import json
import sys
from datetime import datetime
from time import monotonic

import django


def main(now: str) -> None:
    django.setup()
    from claims.expiry import expire_due  # app ready
    from incentives.management.bench.one_import import peak  # app ready

    before, started = peak(), monotonic()
    expired = expire_due(now=datetime.fromisoformat(now))
    print(json.dumps({"expired": expired, "seconds": monotonic() - started, "grown": peak() - before}))


if __name__ == "__main__":
    main(sys.argv[1])
