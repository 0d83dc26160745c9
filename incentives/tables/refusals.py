"""Why a file is not taken: as a whole, or because of one of its rows."""

import re

FOUND_AT_MOST = 120
# What no database keeps or no page shows: control characters, halves of characters, and what was lost in decoding.
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")


class TableRefused(ValueError):
    """Nothing of this file can be read as a list; the message says why and what to do."""


class RowRefused(ValueError):
    """One row cannot be taken: what was found there, and what to write instead."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(advice)
        self.found = shown(found)
        self.advice = advice


def shown(text: str) -> str:
    """A cell as a page can show it: short, and with a sign in place of what cannot be read."""
    text = UNREADABLE.sub("\ufffd", text[: FOUND_AT_MOST + 1])
    return text if len(text) <= FOUND_AT_MOST else f"{text[: FOUND_AT_MOST - 1]}…"
