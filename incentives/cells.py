"""Cells of files that spreadsheet programs open: none of them may start a formula (I07)."""

import csv
from collections.abc import Iterable

STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would take it for a formula."""
    return f"'{text}" if text.startswith(STARTS) else text


class Line:
    """A file that keeps nothing: what a csv writer writes to it comes back to whoever called the writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """The lines of a CSV file, one at a time, each cell harmless; with the mark by which Excel knows UTF-8."""
    write = csv.writer(Line()).writerow
    yield "\ufeff"
    for row in rows:
        yield write([harmless(str(cell)) for cell in row])
