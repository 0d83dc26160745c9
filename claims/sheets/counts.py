"""How many rows of a sheet are in which state, and the rows of one of them."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import Http404

from incentives.pages import NO_SUCH_PAGE

from ..models import ClaimSheet, SheetRow

State = SheetRow.State


@dataclass(frozen=True)
class Group:
    """Rows in one state: how many, and what the state is called."""

    state: str
    label: str
    tone: str
    count: int


@dataclass(frozen=True)
class Counts:
    """The rows of a sheet by their state: `by` with all states, `groups` with those that there are."""

    by: dict[str, int]
    groups: list[Group]

    @property
    def total(self) -> int:
        return sum(self.by.values())


def of(sheet: ClaimSheet) -> Counts:
    by = dict.fromkeys(State.values, 0)
    by |= dict(sheet.rows.order_by().values_list("state").annotate(n=Count("pk")))
    examples = [SheetRow(sheet=sheet, state=state) for state, count in by.items() if count]
    return Counts(by, [Group(row.state, row.label, row.tone, by[row.state]) for row in examples])


def narrowed(sheet: ClaimSheet, state: str) -> QuerySet[SheetRow]:
    """The rows in this state, or all without one; raises Http404 for a state that no row can be in."""
    if state and state not in State:
        raise Http404(NO_SUCH_PAGE)
    return sheet.rows.filter(state=state) if state else sheet.rows.all()
