"""The list of claims, described once: its columns, what each shows and what it is ordered by (CLM-1).

The page, its Customize panel, its order and what is exported all read this one table.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Case, CharField, F, Func, JSONField, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from engagements.models import IdKind
from incentives import listing
from incentives.cells import Cell
from incentives.listing import fold
from incentives.models import User

from .letters import lost_request
from .models import Claim
from .next_steps import NEXT_STEPS
from .orders import Chained, Grouped, GroupedByStatus, Order, Walked
from .states import Status
from .transitions import EXPIRY

Kind = Literal["text", "name", "code", "number", "day", "status", "action"]
Reader = Callable[..., Any]  # makes the expression of a cell from those of its sources


def as_it_is(now: datetime) -> Reader:
    return lambda value: value


class Said(Func):
    """The words that stand for a code, in the reader's language: all of them are one value of the query."""

    template, arg_joiner, output_field = "(%(expressions)s)", " ->> ", CharField()

    def __init__(self, words: dict[str, str], code: Any) -> None:
        super().__init__(Cast(Value(json.dumps(words)), JSONField()), code)


def in_words(words: Callable[[], dict[str, str]]) -> Callable[[datetime], Reader]:
    """Reads a code by its words, which are translated once for a whole page or file."""

    def reader(now: datetime) -> Reader:
        said = words()
        return lambda code: Coalesce(Said(said, code), code, output_field=CharField())

    return reader


def while_it_runs(now: datetime) -> Reader:
    return lambda until: Case(When(GreaterThan(until, now), then=until))


def status_at(now: datetime) -> Reader:
    return at_this_instant({status.value: str(status.label) for status in Status}, now)


def next_step_at(now: datetime) -> Reader:
    return at_this_instant({status.value: str(step.words) for status, step in NEXT_STEPS.items()}, now)


def at_this_instant(words: dict[str, str], now: datetime) -> Reader:
    """Reads a status by the words for what the claim is by now, whether or not a job has run (DL-4)."""
    by_now = {status.value: EXPIRY.get(status, status).value for status in Status}
    late = {was: words[becomes] for was, becomes in by_now.items() if becomes in words}
    return lambda status, until: Case(
        When(LessThanOrEqual(until, now), then=Said(late, status)), default=Said(words, status)
    )


def current(status: str, until: datetime | None, now: datetime) -> str:
    """What a claim is at this instant, from what is stored of it."""
    return EXPIRY[Status(status)].value if until and until <= now and status in EXPIRY else status


@dataclass(frozen=True, kw_only=True)
class Column(listing.Column):
    """One column: where its values stand, seen from a claim, how they are read, and how they are drawn.

    `usual` ones are shown until somebody customizes their list; one that is `never_empty` can carry the row's link.
    """

    order: Order
    sources: tuple[str, ...]
    read: Callable[[datetime], Reader] = as_it_is
    kind: Kind = "text"
    usual: bool = True
    never_empty: bool = True

    @property
    def named(self) -> str:
        """What its cells are called in a query: by their source, where they are just what is stored."""
        return self.sources[0] if self.read is as_it_is else f"{self.key}_in_words"


def country_names() -> dict[str, str]:
    return {code: countries.name(code) for code in countries.countries}


def of_engagement(*names: str) -> Grouped:
    """Claims by a fact of their engagement, folded as people look for it."""

    def key(engagement: Any) -> tuple[str, ...]:
        return tuple(fold(str(getattr(engagement, name))) for name in (*names, "name"))

    return Grouped("engagement", lambda ground, now: [e.pk for e in sorted(ground.engagements, key=key)])


def of_location(key: Callable[[Any], Any]) -> Grouped:
    def keys(ground: Any, now: datetime) -> list[Any]:
        return [place.pk for place in sorted(ground.locations, key=lambda p: (key(p), p.partner_number))]

    return Grouped("location", keys)


BY_CUSTOMER_ID = Walked("sort_id_kind", "sort_customer_id", "pk")
COLUMNS = (
    Column("id", _("Claim ID"), order=Walked("pk"), sources=("pk",), kind="number"),
    Column("engagement", _("Engagement"), order=of_engagement(), sources=("engagement__name",)),
    Column("name", _("Claim name"), order=Walked("sort_name", "pk"), sources=("name",), kind="name"),
    Column(
        "customer",
        _("Customer name"),
        order=Walked("sort_customer", "pk"),
        sources=("customer__organization__name",),
        kind="name",
    ),
    Column(
        "customer_id",
        _("Customer ID"),
        order=BY_CUSTOMER_ID,
        sources=("customer__value",),
        kind="code",
        css="table__id",
    ),
    Column(
        "id_kind",
        _("Customer ID type"),
        order=BY_CUSTOMER_ID,
        sources=("customer__kind",),
        read=in_words(lambda: {kind.value: str(kind.label) for kind in IdKind}),
        usual=False,
    ),
    Column(
        "area",
        _("Solution area"),
        order=of_engagement("area_name"),
        sources=("engagement__solution_area__name",),
        usual=False,
    ),
    Column(
        "workload",
        _("Workload"),
        order=of_engagement("workload"),
        sources=("engagement__workload",),
        usual=False,
        never_empty=False,
    ),
    Column(
        "partner_number",
        _("PartnerID"),
        order=of_location(lambda place: place.partner_number),
        sources=("location__partner_number",),
        kind="number",
        css="table__date",
    ),
    Column(
        "partner",
        _("Partner name"),
        order=of_location(lambda place: fold(place.name)),
        sources=("location__name",),
    ),
    Column(
        "country",
        _("Partner country"),
        order=of_location(lambda place: fold(str(place.country.name))),
        sources=("location__country",),
        read=in_words(country_names),
        usual=False,
    ),
    Column(
        "contact",
        _("Partner contact"),
        order=Walked("sort_contact", "pk"),
        sources=("partner_contact_name",),
        kind="name",
        usual=False,
    ),
    Column(
        "updated",
        _("Last updated"),
        order=Walked("updated_at", "pk"),
        sources=("updated_at",),
        kind="day",
        css="table__date",
    ),
    Column(
        "expiry",
        _("Claims expiry"),
        order=Chained(),
        sources=("expires_at",),
        read=while_it_runs,
        kind="day",
        css="table__date",
        never_empty=False,
    ),
    Column(
        "status",
        _("Status"),
        order=GroupedByStatus(lambda status: fold(str(status.label))),
        sources=("status", "expires_at"),
        read=status_at,
        kind="status",
    ),
    Column(
        "action",
        _("Action"),
        order=GroupedByStatus(
            lambda status: fold(str(NEXT_STEPS[status].words)) if status in NEXT_STEPS else "~"
        ),
        sources=("status", "expires_at"),
        read=next_step_at,
        kind="action",
        css="table__action",
        never_empty=False,
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
USUAL = [column.key for column in COLUMNS if column.usual]


def columns_named(keys: Iterable[str]) -> list[Column]:
    """These columns in the order in which the list has them, whichever order they are named in."""
    wanted = set(keys)
    return [column for column in COLUMNS if column.key in wanted]


def with_cells(claims: QuerySet, columns: Iterable[Column], now: datetime) -> QuerySet:
    """The claims with the cells of these columns as they are at one instant; each is `named` by its column.

    PostgreSQL makes them, so that the page, the workbook and CSV cannot differ.
    """
    made = [column for column in columns if column.read is not as_it_is]
    return claims.annotate(**{column.named: column.read(now)(*map(F, column.sources)) for column in made})


@dataclass(frozen=True)
class Row:
    """One claim in the list: its key, what it is at this instant, its cells, and which of them opens it.

    `unreached` is one that waits for the answer of a customer who never got the request.
    """

    pk: int
    status: str
    unreached: bool
    cells: list[tuple[Column, Cell]]
    opens: Column

    @property
    def next_step(self) -> str:
        """Where the next step of this claim is taken."""
        return NEXT_STEPS[Status(self.status)].address(self.pk)


def rows_of(columns: Sequence[Column], now: datetime) -> Callable[[list[int]], dict[int, Row]]:
    """Reads the rows of a page in one query."""
    opens = BY_KEY["id"] if BY_KEY["id"] in columns else next(c for c in columns if c.never_empty)
    facts = ("pk", "status", "expires_at", "vain", *(column.named for column in columns))

    def read(keys: list[int]) -> dict[int, Row]:
        asked = Claim.objects.filter(pk__in=keys).order_by().annotate(vain=lost_request())
        found = with_cells(asked, columns, now).values_list(*facts)
        rows = [(pk, current(status, until, now), vain, cells) for pk, status, until, vain, *cells in found]
        return {
            pk: Row(
                pk,
                status,
                vain and status == Status.AWAITING_CONSENT,
                list(zip(columns, cells, strict=True)),
                opens,
            )
            for pk, status, vain, cells in rows
        }

    return read


def claims_of(user: User, *, now: datetime) -> QuerySet:
    """Every claim the person may see, as it is at this instant, with what a row of the list shows."""
    return (
        Claim.objects.visible_to(user)
        .as_of(now)
        .select_related("engagement", "location", "customer__organization")
        .defer("search_text", "search_vector")
    )
