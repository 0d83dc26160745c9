"""Tables that people upload from their spreadsheet programs, as CSV or workbook: read row by row within bounds."""

from collections.abc import Generator
from typing import BinaryIO, Protocol

from .delimited import DelimitedFile
from .rows import Row
from .workbook import Workbook


class TableFile(Protocol):
    """A file of any kind as rows, and how much of it has been read."""

    def rows(self) -> Generator[Row, None, None]: ...

    def share(self) -> float: ...


def opened(
    name: str, file: BinaryIO, *, columns: int, sheet: str = "", unpacked_at_most: int | None = None
) -> TableFile:
    """The reader of a file of this name, which `names.check` has let pass.

    `sheet` names the sheet that is meant where a workbook has several; without a name it must have one. A workbook that
    unpacks to more than so many bytes is refused.
    """
    if name.endswith(".csv"):
        return DelimitedFile(file)
    return Workbook(file, columns=columns, sheet=sheet, unpacked_at_most=unpacked_at_most)
