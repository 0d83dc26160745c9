"""Customers by name, found along an index of claims and judged one by one.

A large company knows tens of thousands of customers, of whom a page shows a few: only as many are looked at.
"""

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from .depth import fetch_keys
from .models import CustomerIdentity
from .models.claim import ClaimQuerySet
from .orders import Sql


def customers_by_name(
    busy: ClaimQuerySet,
    consents: ClaimQuerySet,
    able: QuerySet[CustomerIdentity],
    *,
    limit: int,
    start: int,
    back: bool,
) -> list[int]:
    """The keys of some customers of busy claims, and of some of these consents who are able; `back` begins at Z."""
    turned = "DESC" if back else "ASC"
    order = f"ORDER BY sort_customer {turned}, customer_id {turned}"
    parts = [part for part in (customers_of(busy, back), those_of(consents, able, back)) if part]
    if not parts:
        return []
    either = " UNION ".join(f"({sql} {order} LIMIT %s)" for sql, _given in parts)
    given = [value for _sql, values in parts for value in (*values, start + limit)]
    query = f"SELECT customer_id FROM ({either}) AS shown {order}"  # noqa: S608 (nothing in it was typed)
    return fetch_keys((query, given), limit=limit, start=start)


def customers_of(claims: ClaimQuerySet, back: bool) -> Sql | None:
    """The customers of these claims, each once; None where there can be none."""
    sign = "-" if back else ""
    named = claims.order_by(f"{sign}sort_customer", f"{sign}customer_id").values(
        "sort_customer", "customer_id"
    )
    try:
        sql, given = named.distinct().query.sql_with_params()
    except EmptyResultSet:
        return None
    return f"SELECT known.* FROM ({sql}) AS known", given  # noqa: S608


def those_of(claims: ClaimQuerySet, able: QuerySet[CustomerIdentity], back: bool) -> Sql | None:
    """Those customers of these claims who are able: a LATERAL query is asked only until the page is full."""
    known = customers_of(claims, back)
    try:
        sql, given = able.filter(pk=RawSQL("known.customer_id", ())).values("pk")[:1].query.sql_with_params()
    except EmptyResultSet:
        return None
    return known and (f"{known[0]} CROSS JOIN LATERAL ({sql}) AS able", [*known[1], *given])
