"""Reading one file from its first row to its last: good rows are staged, bad ones kept for the report."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from incentives.tables import opened
from incentives.tables.refusals import RowRefused, TableRefused
from incentives.tables.rows import Row, trimmed

from ..models import BadRow, ListUpload
from . import staging
from .rows import COLUMNS, RowCheck, check_header

ROWS_AT_MOST = 1_000_000
REPORTED_AT_MOST = 10_000
BATCH = 20_000


@dataclass
class Tally:
    """How many rows were read, and how many of them are bad; empty rows count as none."""

    rows: int = 0
    bad: int = 0


def read(upload: ListUpload, file: BinaryIO, *, tell: Callable[[Tally, float], None]) -> Tally:
    """Stage every row, or report every bad one, and `tell` after each batch how far it is.

    Raises TableRefused when the file as a whole is no list. Whatever `tell` raises ends the reading.
    """
    source = opened(upload.name, file, columns=len(COLUMNS))
    check, tally = RowCheck(upload.engagement.id_types), Tally()
    with closing(source.rows()) as rows:
        _line, header, trouble = next(rows, (1, [], ""))
        if trouble:
            raise TableRefused(trouble)
        check_header(header)
        while batch := list(islice(rows, BATCH)):
            good, bad = told_apart(batch, check)
            tally.rows += len(good) + len(bad)
            tally.bad += len(bad)
            if tally.rows > ROWS_AT_MOST:
                raise TableRefused(too_long())
            with transaction.atomic():
                tell(tally, source.share())
                report(upload, bad, room=REPORTED_AT_MOST - tally.bad + len(bad))
                if good and not tally.bad:
                    staging.add(good)
    if not tally.rows:
        raise TableRefused(_("This file has no rows below the names of its columns. Nothing was changed."))
    return tally


def told_apart(rows: Iterable[Row], check: RowCheck) -> tuple[list[str], list[BadRow]]:
    good, bad = [], []
    for line, cells, trouble in rows:
        try:
            if trouble:
                raise RowRefused(" | ".join(trimmed(cells)), trouble)
            if row := check.stored(cells):
                good.append(row)
        except RowRefused as refusal:
            bad.append(BadRow(line=line, found=refusal.found, advice=refusal.advice))
    return good, bad


def report(upload: ListUpload, bad: list[BadRow], *, room: int) -> None:
    """Keep the bad rows, as many as a report may have."""
    kept = bad[: max(0, room)]
    for row in kept:
        row.upload = upload
    BadRow.objects.bulk_create(kept, batch_size=1000)


def too_long() -> str:
    text = _(
        "This file has more than %(limit)s rows. Divide it, replace the list with the first part, and add the others."
    )
    return text % {"limit": f"{ROWS_AT_MOST:,}"}
