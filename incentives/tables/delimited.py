"""Rows of a CSV file: UTF-8 or UTF-16, separated by commas, semicolons or tabs, however long the file is."""

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _

from .refusals import TableRefused
from .rows import Row

# A byte order mark says which encoding it is; without one, every program of today means UTF-8.
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SEPARATORS = (",", ";", "\t")
LINE_AT_MOST = 64 * 1024  # characters; what is longer is cut, and then refused as a row


class DelimitedFile:
    """One CSV file, read once from its start; memory does not grow with it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = file.seek(0, io.SEEK_END)

    def share(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return self.file.tell() / self.size

    def rows(self) -> Generator[Row, None, None]:
        """Every row with the line it begins on; bytes that are not of the encoding become U+FFFD."""
        self.file.seek(0)
        start = self.file.read(4)
        encoding = next((encoding for mark, encoding in MARKS if start.startswith(mark)), "utf-8")
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding, errors="replace", newline="")
        try:
            yield from split(iter(partial(text.readline, LINE_AT_MOST), ""))
        finally:
            text.detach()


def split(lines: Iterator[str]) -> Iterator[Row]:
    first = next(lines, "")
    if "\0" in first:
        raise TableRefused(_("This file is not text. Save the list as “CSV UTF-8” or as an Excel workbook."))
    reader = csv.reader(chain([first], lines), delimiter=max(SEPARATORS, key=first.count), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells, ""
            line = reader.line_num + 1
    except csv.Error as error:
        text = _(
            "The row that begins on line %(line)s has a quotation mark that is not closed, or that stands in the"
            " middle of a cell. Remove it, or write the list anew from your spreadsheet program."
        )
        raise TableRefused(text % {"line": line}) from error
