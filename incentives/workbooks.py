"""Writing workbooks for spreadsheet programs: real numbers and instants, texts that start no formula (I07)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import write_worksheet, write_worksheets

from .cells import Cell, harmless

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AT_MOST = 1_048_575  # what a sheet holds below its headings
WIDTH = 22


def write_workbook(path: Path, sheet: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet to a file, row by row in constant memory; instants are in UTC.

    What the rows raise comes through, and no file is left then.
    """
    write_worksheet(
        records(headings, rows),
        str(path),
        sheet_name=sheet,
        column_width=WIDTH,
        datetime_format="yyyy-mm-dd hh:mm:ss",
        bold_headers=True,
        freeze_row=1,
    )


def write_workbook_of(
    path: Path, sheets: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Cell]]]]
) -> None:
    """Write several short sheets to a file, by name, each of its headings and rows."""
    write_worksheets(
        [(name, list(records(headings, rows))) for name, (headings, rows) in sheets.items()],
        str(path),
        column_width=dict.fromkeys(sheets, WIDTH),
        datetime_format="yyyy-mm-dd hh:mm:ss",
        bold_headers=True,
        freeze_panes={name: {"row": 1} for name in sheets},
    )


def records(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[dict[str, Any]]:
    """Each row by its headings, which the writer takes from the first; without any row, an empty one."""
    empty = True
    for row in rows:
        empty = False
        yield {heading: typed(cell) for heading, cell in zip(headings, row, strict=True)}
    if empty:
        yield dict.fromkeys(headings)


def typed(cell: Cell) -> object:
    """A number, an instant in UTC, which no workbook can write with its zone, or a harmless text."""
    if isinstance(cell, str):
        return harmless(cell)
    return cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else cell
