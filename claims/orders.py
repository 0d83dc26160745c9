"""How a list of claims is put in order without sorting it: along an index, or group by group along one.

A company may have a hundred thousand claims, and a page of them must not wait for all of them to be sorted. The indexes
of claims begin with the company and hold what the list can be narrowed by, so that none of these walks reads a claim.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from incentives.models import Location

from .states import Status
from .transitions import EXPIRY

NEWEST_FIRST = ("-updated_at", "-pk")
Sql = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What a list of claims needs to know of an engagement; there may be five hundred on a page."""

    pk: int
    code: str
    name: str
    workload: str
    payout: str
    area: str
    area_name: str


@dataclass
class Ground:
    """What a person's list can hold at all: their locations, those with claims, and the engagements of these."""

    locations: Sequence[Location]
    claimed: Sequence[Location]
    engagements: Sequence[Offered]


def sql_of(claims: QuerySet, order: Sequence[str]) -> Sql:
    """The keys of these claims in an order that an index has."""
    return claims.order_by(*order).values("id").query.sql_with_params()


class Order(Protocol):
    """One way to put claims in order; `backwards` turns it round."""

    def sql(self, claims: QuerySet, ground: Ground, *, now: datetime, backwards: bool) -> Sql:
        """A query for the keys of these claims in this order, from which a page can be cut."""


class Walked:
    """Along the index of these columns, either way."""

    def __init__(self, *columns: str) -> None:
        self.columns = columns

    def sql(self, claims: QuerySet, ground: Ground, *, now: datetime, backwards: bool) -> Sql:
        return sql_of(claims, [f"-{column}" if backwards else column for column in self.columns])


def for_each(claims: Sql, **named: tuple[str, Sequence[Any]]) -> Sql:
    """The keys that a query finds for each of some groups, whose parts it calls `named.PART`; given by type and values.

    PostgreSQL goes through the groups in the order in which they are named: a LATERAL query is asked anew for each of
    them, and only until the page is full.
    """
    inner, given = claims
    lists = ", ".join(f"%s::{kind}[]" for kind, _values in named.values())
    return (
        f"SELECT each.id FROM unnest({lists}) AS named ({', '.join(named)}) CROSS JOIN LATERAL ({inner}) AS each",  # noqa: S608
        [*(list(values) for _kind, values in named.values()), *given],
    )


@dataclass(frozen=True)
class Grouped:
    """Group after group, the newest first in each: by engagement, location or status, of which there are few."""

    by: str
    groups: Callable[[Ground, datetime], list[Any]]

    def sql(self, claims: QuerySet, ground: Ground, *, now: datetime, backwards: bool) -> Sql:
        groups = self.groups(ground, now)
        keys = list(reversed(groups)) if backwards else groups
        theirs = sql_of(claims.filter(**{self.by: RawSQL("named.key", ())}), NEWEST_FIRST)
        return for_each(theirs, key=("bigint", keys))


@dataclass(frozen=True)
class GroupedByStatus:
    """The same by what claims are at this instant: those whose deadline has passed stand where they belong by now."""

    key: Callable[[Status], Any]

    def sql(self, claims: QuerySet, ground: Ground, *, now: datetime, backwards: bool) -> Sql:
        groups = [(status, False if status in EXPIRY else None, status) for status in Status]
        groups += [(was, True, becomes) for was, becomes in EXPIRY.items()]
        groups.sort(key=lambda group: (self.key(group[2]), group[2].value), reverse=backwards)
        timely = RawSQL(
            "(named.late IS NULL OR (claims_claim.expires_at <= %s) = named.late)",
            [now],
            output_field=BooleanField(),
        )
        theirs = sql_of(claims.filter(timely, status=RawSQL("named.key", ())), NEWEST_FIRST)
        were, late = [was.value for was, _late, _now in groups], [late for _was, late, _now in groups]
        return for_each(theirs, key=("text", were), late=("boolean", late))


class Chained:
    """By deadline: claims whose clock runs, the next one to run out first; then all others, the newest first."""

    def sql(self, claims: QuerySet, ground: Ground, *, now: datetime, backwards: bool) -> Sql:
        running = Q(status__in=sorted(EXPIRY), expires_at__gt=now)
        first, given = sql_of(
            claims.filter(running), ["-expires_at", "-pk"] if backwards else ["expires_at", "pk"]
        )
        then, more = sql_of(claims.exclude(running), NEWEST_FIRST)
        return f"SELECT * FROM (({first}) UNION ALL ({then})) AS chained", [*given, *more]  # noqa: S608
