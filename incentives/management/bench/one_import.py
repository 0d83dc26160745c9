"""Reads one uploaded list in a process of its own, and says how long that took and how much memory it ever held."""

import json
import re
import sys
from pathlib import Path
from time import monotonic

import django


def main(pk: int) -> None:
    django.setup()
    from engagements.customer_lists import uploads  # app ready
    from mail import clock  # app ready

    now, started = clock.now(), monotonic()
    uploads.read(pk, now=now)
    print(json.dumps({"seconds": monotonic() - started, "megabytes": peak()}))


def peak() -> float:
    """The most memory that this process has held at once, in megabytes."""
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
