"""Cells of files that spreadsheet programs open: none of them may start a formula (I07)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

STARTS = ("=", "+", "-", "@", "\t", "\r")
FIRST = frozenset(STARTS)
BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8
Cell = str | int | datetime | None


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet program would take it for a formula."""
    return f"'{text}" if text.startswith(STARTS) else text


def as_typed(text: str) -> str:
    """A text as it was before `harmless` wrote it into a file."""
    return text[1:] if text.startswith("'") and text[1:].startswith(STARTS) else text


def plain(cell: Cell) -> str | int:
    """A cell as CSV has it: instants by ISO 8601, nothing as nothing, texts harmless."""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return "" if cell is None else cell


class Line:
    """A file that keeps nothing: what a csv writer writes to it comes back to whoever called the writer."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """The lines of a CSV file, one at a time, each cell harmless; with the mark by which Excel knows UTF-8."""
    write = csv.writer(Line()).writerow
    yield BYTE_ORDER_MARK
    for row in rows:
        yield write([harmless(str(cell)) for cell in row])


def csv_blocks(headings: Sequence[str], blocks: Iterable[Iterable[Iterable[Cell]]]) -> Iterator[bytes]:
    """A CSV file of typed cells, as many lines at a time as come; the headings before any row is asked for."""
    yield (BYTE_ORDER_MARK + lines([headings])).encode()
    for block in blocks:
        yield lines(block).encode()


def lines(rows: Iterable[Iterable[Cell]]) -> str:
    """Lines of CSV; column by column, as most columns hold one kind of cell, and a file may have a million lines."""
    columns = [plain_column(column) for column in zip(*rows, strict=True)]
    text = StringIO()
    csv.writer(text).writerows(zip(*columns, strict=True))
    return text.getvalue()


def plain_column(cells: Sequence[Any]) -> Sequence[str | int]:
    kinds = set(map(type, cells))
    if kinds == {int}:
        return cells
    if kinds == {str}:  # the test of `harmless`, without a call for each text
        return [f"'{text}" if text[:1] in FIRST else text for text in cells]
    return [plain(cell) for cell in cells]
