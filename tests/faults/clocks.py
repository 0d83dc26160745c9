"""A wrong clock for one process: HOURS_AHEAD is how far it is off, from its start and then after each SIGUSR2."""

import os
import signal
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import time_machine


def wear() -> None:
    """Put the first clock on, if the process was given any; only what its Python reads is moved, no host."""
    hours = [float(number) for number in os.environ.get("HOURS_AHEAD", "").split()]
    if not hours:
        return
    begin = time_machine.travel(datetime.now(UTC) + timedelta(hours=hours[0]), tick=True).start()
    steps = [later - earlier for earlier, later in pairwise(hours)]

    def step(*_signal: object) -> None:
        begin.shift(timedelta(hours=steps.pop(0)))

    signal.signal(signal.SIGUSR2, step)
