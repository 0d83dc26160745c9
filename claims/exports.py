"""The list of claims as a file: exactly the claims, columns and order that the list shows (CLM-2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import QueryDict
from django.utils.translation import gettext as _

from engagements.models import SolutionArea
from incentives.cells import Cell, csv_blocks
from incentives.models import User
from incentives.workbooks import write_workbook

from .depth import fetch
from .list_form import ClaimListForm, ground_of
from .listing import Table
from .models import Claim
from .models.export import Export

Rows = Sequence[Sequence[Cell]]
AT_ONCE = (
    50_000  # claims in a file that is made while its reader waits; longer ones are made in the background
)
BLOCK = 2_000


def list_again(user: User, query: str, *, now: datetime) -> ClaimListForm:
    """The list that somebody asked for before, as they may see it now: less of it, where they have lost a role."""
    asked = QueryDict(query)
    area = SolutionArea.objects.filter(code=asked.get("area", "")).first()
    return ClaimListForm(asked, ground_of(user, area), now=now, forgiving=True)


def count(form: ClaimListForm, *, at_most: int | None = None) -> int:
    """How many claims the file will have, counted up to a limit."""
    if (query := form.keys_in_order()) is None:
        return 0
    sql, given = query
    return fetch(f"SELECT count(*) FROM ({sql} LIMIT %s) AS counted", [*given, at_most])[0][0]  # noqa: S608


@dataclass
class Sheet:
    """The headings of a list and its rows, which are read while they are written."""

    form: ClaimListForm

    def __post_init__(self) -> None:
        self.columns = self.form.shown()
        self.table = Table(self.columns, self.form.now)

    @property
    def headings(self) -> list[str]:
        return [str(column.heading) for column in self.columns]

    def blocks(self) -> Iterator[Rows]:
        """The cells of all claims, fetched from the server a block at a time, all as they were at one instant."""
        if (query := rows_in_order(self.form, self.table.sources)) is None:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(*query)
            while values := cursor.fetchmany(BLOCK):
                yield self.table.rows(values)

    def csv(self) -> Iterator[bytes]:
        return csv_blocks(self.headings, self.blocks())

    def write(self, path: Path, file_format: str, blocks: Iterable[Rows]) -> None:
        """Write a whole file of this format from these rows."""
        if file_format == Export.Format.CSV:
            with path.open("wb") as file:
                file.writelines(csv_blocks(self.headings, blocks))
            return
        write_workbook(path, _("Customer claims"), self.headings, chain.from_iterable(blocks))


def rows_in_order(form: ClaimListForm, sources: Sequence[str]) -> tuple[str, Sequence[Any]] | None:
    """A query for the values of all claims of the list, in the order of the list."""
    if (query := form.keys_in_order()) is None:
        return None
    keys, given = query
    values, more = Claim.objects.order_by().values_list("pk", *sources).query.sql_with_params()
    named = ", ".join(f'each_claim."{source}"' for source in sources)
    sql = (
        f"SELECT {named} FROM (SELECT id, row_number() OVER () AS place FROM ({keys}) AS keys) AS listed"  # noqa: S608
        f' JOIN ({values}) AS each_claim ON each_claim."pk" = listed.id ORDER BY listed.place'
    )
    return sql, [*given, *more]


def file_name(file_format: str, now: datetime) -> str:
    return f"customer-claims-{now:%Y-%m-%d}.{file_format}"
