"""What the launcher says on the terminal, and how it reports what a person can mend."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Trouble(Exception):
    """Something a person can mend: the text says what is wrong and what to do about it."""


def say(text: str = "", end: str = "\n") -> None:
    """Speaks on standard error, so that the output of a management command stays its own."""
    print(text, end=end, file=sys.stderr, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Names a piece of work while it runs and adds its seconds when it is done."""
    say(f"{label:<40}", end="")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say()
        raise
    say(f"{time.monotonic() - started:6.1f} s")


def last_words(text: str, lines: int = 6) -> str:
    """The end of a program's output without the frames of a traceback: usually the sentence that matters."""
    said = [line.rstrip() for line in text.splitlines() if line.strip()]
    frames = [index for index, line in enumerate(said) if line.startswith("  ")]
    if "Traceback (most recent call last):" in said and frames:
        said = said[frames[-1] + 1 :] or said
    return "\n".join(f"    {line}" for line in said[-lines:])


def last_words_of(log: Path) -> str:
    return last_words(log.read_text(errors="replace")) if log.exists() else ""
