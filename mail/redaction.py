"""Keeps one-time link keys out of every log line, also where a framework logs the path of a failed request."""

import logging
import re

# A key has 32 digits; of one that was cut off on the way, half is left to guess before a part of it shows.
KEY = re.compile(r"[0-9a-fA-F]{16,}")

ANSWER_LENGTH = 500


def without_keys(text: str) -> str:
    """A text in which nothing stands that could be a link key."""
    return KEY.sub("[link]", text)


def quotable(answer: str) -> str:
    """What a server said, fit to be kept and shown: one line without keys and without what no database holds."""
    line = " ".join(answer.replace("\x00", " ").split())
    return without_keys(line.encode(errors="replace").decode())[:ANSWER_LENGTH]


class NoLinkKeys(logging.Filter):
    """Replaces anything that could be a link key before a record is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if KEY.search(message):
            record.msg, record.args = without_keys(message), ()
        return True
