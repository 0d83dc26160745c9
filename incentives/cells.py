"""Cells of files that spreadsheet programs open: none of them may start a formula (I07)."""

import csv
from collections.abc import Iterable
from datetime import datetime

STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8
CSV_TYPE = "text/csv; charset=utf-8"
Cell = str | int | datetime | None


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would take it for a formula."""
    return f"'{text}" if text.startswith(STARTS) else text


def as_typed(text: str) -> str:
    """A text as it was before `harmless` wrote it into a file."""
    return text[1:] if text.startswith("'") and text[1:].startswith(STARTS) else text


class Line:
    """A file that keeps nothing: what a csv writer writes to it comes back to whoever called the writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """The lines of a CSV file, one at a time, each cell harmless; with the mark by which Excel knows UTF-8."""
    write = csv.writer(Line()).writerow
    yield BYTE_ORDER_MARK
    for row in rows:
        yield write(["" if cell is None else harmless(str(cell)) for cell in row])


# --- the same by PostgreSQL, for files of a million lines: SQL of a cell in its line, from the SQL of its value ---

CODES_OF_STARTS = ", ".join(str(ord(start)) for start in STARTS)


def csv_number(value: str) -> str:
    return value


def csv_text(value: str) -> str:
    """A text, harmless and in quotation marks."""
    text = f"CASE WHEN ascii({value}) IN ({CODES_OF_STARTS}) THEN '''' || {value} ELSE {value} END"
    return f"""'"' || replace({text}, '"', '""') || '"'"""


def csv_instant(value: str) -> str:
    """An instant by ISO 8601, in UTC and to the second."""
    return f"""to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')"""


def csv_line(cells: Iterable[str]) -> str:
    """The line of these cells; nothing is an empty one."""
    return f"""concat({", ',', ".join(cells)}, E'\\r\\n')"""
