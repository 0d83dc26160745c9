"""The list of claims as a file: exactly the claims, columns and order that the list shows (CLM-2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from engagements.models import SolutionArea
from incentives.cells import csv_instant, csv_line, csv_lines, csv_number, csv_text
from incentives.models import User
from incentives.workbooks import write_workbook

from .list_form import ClaimListForm, ground_of
from .listing import Column, with_cells
from .models import Claim
from .models.export import Export
from .orders import Sql

Rows = Sequence[tuple[Any, ...]]
IN_CSV = {"number": csv_number, "day": csv_instant}
AT_ONCE = (
    50_000  # claims in a file that is made while its reader waits; longer ones are made in the background
)
BLOCK = 2_000


def list_again(user: User, query: str, *, now: datetime) -> ClaimListForm:
    """The list that somebody asked for before, as they may see it now: less of it, where they have lost a role."""
    asked = QueryDict(query)
    area = SolutionArea.objects.filter(code=asked.get("area", "")).first()
    return ClaimListForm(asked, ground_of(user, area), now=now, forgiving=True)


@dataclass
class Sheet:
    """The headings of a list and its claims, which are read while they are written."""

    form: ClaimListForm

    def __post_init__(self) -> None:
        self.columns = self.form.shown()

    @property
    def headings(self) -> list[str]:
        return [str(column.heading) for column in self.columns]

    def blocks(self, file_format: str) -> Iterator[Rows]:
        """All claims as they are at one instant, a block at a time: a line of CSV each, or cells for a workbook."""
        told = as_line if file_format == Export.Format.CSV else as_cells
        claims = with_cells(Claim.objects.order_by(), self.columns, self.form.now)
        query = in_order(self.form, claims, [column.named for column in self.columns], told(self.columns))
        if query is None:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(*query)
            while block := cursor.fetchmany(BLOCK):
                yield block

    def csv(self) -> Iterator[bytes]:
        return self.lines(self.blocks(Export.Format.CSV))

    def lines(self, blocks: Iterable[Rows]) -> Iterator[bytes]:
        """A CSV file from its lines; the headings before any claim is asked for."""
        yield "".join(csv_lines([self.headings])).encode()
        for block in blocks:
            yield "".join([line for (line,) in block]).encode()

    def write(self, path: Path, file_format: str, blocks: Iterable[Rows]) -> None:
        """Write a whole file of this format from its blocks."""
        if file_format == Export.Format.CSV:
            with path.open("wb") as file:
                file.writelines(self.lines(blocks))
            return
        write_workbook(path, _("Customer claims"), self.headings, chain.from_iterable(blocks))


def as_cells(columns: Iterable[Column]) -> str:
    return ", ".join(value_of(column.named) for column in columns)


def as_line(columns: Iterable[Column]) -> str:
    """The line of a claim in CSV, which PostgreSQL puts together: there may be a million."""
    return csv_line(IN_CSV.get(column.kind, csv_text)(value_of(column.named)) for column in columns)


def value_of(name: str) -> str:
    return f'each_claim."{name}"'


def in_order(form: ClaimListForm, claims: QuerySet, values: Iterable[str], told: str) -> Sql | None:
    """A query that tells something of all claims of the list, by these values of each, in the order of the list."""
    if (query := form.keys_in_order()) is None:
        return None
    keys, given = query
    each, more = claims.values_list("pk", *values).query.sql_with_params()
    sql = (
        f"SELECT {told} FROM (SELECT id, row_number() OVER () AS place FROM ({keys}) AS keys) AS listed"  # noqa: S608
        f' JOIN ({each}) AS each_claim ON each_claim."pk" = listed.id ORDER BY listed.place'
    )
    return sql, [*given, *more]


def file_name(file_format: str, now: datetime) -> str:
    return f"customer-claims-{now:%Y-%m-%d}.{file_format}"
