"""What a process leaves alone for a while after it did not answer, so that no page waits for it again and again."""

import time


class Pause:
    """Begins when a service did not answer; while it lasts nobody of this process asks."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds, self._until = seconds, float("-inf")

    def begin(self) -> None:
        self._until = time.monotonic() + self._seconds

    def end(self) -> None:
        self._until = float("-inf")

    @property
    def lasts(self) -> bool:
        return time.monotonic() < self._until
