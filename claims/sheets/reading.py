"""From an uploaded file to the rows of a sheet: read at once within narrow bounds, and taken as it was typed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import BinaryIO

from django.utils.translation import gettext as _

from incentives.cells import as_typed
from incentives.tables import opened
from incentives.tables.refusals import UNREADABLE, TableRefused, shown

from ..models import SheetRow
from .columns import places

SHEET = "Claims"
ROWS_AT_MOST = 1_000
COLUMNS_AT_MOST = 40
UNPACKED_AT_MOST = 16 * 1024 * 1024
# More than any field of the wizard takes, so that what is cut here is refused there.
CELL_AT_MOST = 1_000


def read(name: str, file: BinaryIO) -> list[SheetRow]:
    """The rows of a file, not saved yet; raises TableRefused when it is no sheet of claims."""
    source = opened(name, file, columns=COLUMNS_AT_MOST, sheet=SHEET, unpacked_at_most=UNPACKED_AT_MOST)
    found: list[SheetRow] = []
    with closing(source.rows()) as rows:
        _line, headings, trouble = next(rows, (1, [], ""))
        if trouble:
            raise TableRefused(trouble)
        columns = places(headings)
        for line, cells, trouble in rows:
            if not trouble and not any(cell.strip() for cell in cells):
                continue
            if len(found) == ROWS_AT_MOST:
                raise TableRefused(too_long())
            found.append(row(line, cells, trouble, columns))
    if not found:
        raise TableRefused(_("This file has no rows below the names of its columns."))
    return found


def row(line: int, cells: Sequence[str], trouble: str, columns: Mapping[int, str]) -> SheetRow:
    """The cells by column; one that stands in no column is told, because nobody can tell where it belongs."""
    typed = {key: kept(cells[place]) for place, key in columns.items() if key and place < len(cells)}
    stray = [cell for place, cell in enumerate(cells) if place not in columns and cell.strip()]
    if stray and not trouble:
        trouble = _("“%(cell)s” stands in a column without a name. Move it, or delete it.") % {
            "cell": shown(kept(stray[0]))
        }
    return SheetRow(line=line, cells=typed, trouble=trouble)


def kept(cell: str) -> str:
    """A cell as one line of text, with a sign in place of what no database keeps."""
    return as_typed(" ".join(UNREADABLE.sub("\ufffd", cell[: CELL_AT_MOST * 2]).split()))[:CELL_AT_MOST]


def too_long() -> str:
    return _("This file has more than %(limit)s rows. Divide it into several files.") % {
        "limit": f"{ROWS_AT_MOST:,}"
    }
