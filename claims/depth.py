"""Pages of a list of claims at any depth: the keys of a page come straight from an index, then its rows are read.

What the list holds is counted up to a limit only: to count the claims of a large company to the end takes longer than
its page. Every page can be asked for all the same.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.http import Http404

from incentives.pages import NO_SUCH_PAGE, PAGE_SIZE, LongPage, wanted_page

from .list_form import ClaimListForm
from .orders import NEWEST_FIRST, Sql

COUNTED = 10_000
# What is searched for is not in the indexes of the orders, so each claim that is found must be looked at: once, for
# the page and for its count.
COUNTED_IN_SEARCH = 1_000


def page_of_claims(
    form: ClaimListForm, number: str | None, rows: Callable[[list[int]], dict[int, Any]]
) -> LongPage:
    """The wanted page, its rows read by their keys; raises Http404 for a page that the list does not have."""
    wanted = wanted_page(number)
    return shown_page(wanted, *keys_of_page(form, wanted), rows)


def page_of_keys(
    find: Callable[[int, int], list[int]], number: str | None, rows: Callable[[list[int]], dict[int, Any]]
) -> LongPage:
    """The same for keys that are found so many from such a place on, and counted as far as those of a search."""
    wanted = wanted_page(number)
    start, end = (wanted - 1) * PAGE_SIZE, wanted * PAGE_SIZE
    if end > COUNTED_IN_SEARCH:
        return shown_page(wanted, find(PAGE_SIZE + 1, start), COUNTED_IN_SEARCH, True, rows)
    found = find(COUNTED_IN_SEARCH + 1, 0)
    counted = min(len(found), COUNTED_IN_SEARCH)
    return shown_page(wanted, found[start : end + 1], counted, len(found) > COUNTED_IN_SEARCH, rows)


def shown_page(
    wanted: int, keys: list[int], counted: int, more: bool, rows: Callable[[list[int]], dict[int, Any]]
) -> LongPage:
    """The page of these keys, of which the last one may be the first of the next page."""
    if wanted > 1 and not keys:
        raise Http404(NO_SUCH_PAGE)
    found = rows(keys[:PAGE_SIZE]) if keys else {}
    # A claim that left the list between the two queries is left out.
    shown = [found[key] for key in keys[:PAGE_SIZE] if key in found]
    return LongPage(shown, wanted, counted, more, has_next=len(keys) > PAGE_SIZE)


def keys_of_page(form: ClaimListForm, number: int) -> tuple[list[int], int, bool]:
    """The keys of one page and the first of the next, how many claims were counted, and whether there are more."""
    query = form.keys_in_order()
    if query is None:
        return [], 0, False
    start = (number - 1) * PAGE_SIZE
    end = start + PAGE_SIZE
    if form.is_search() and end <= COUNTED_IN_SEARCH:
        found = fetch_keys(query, limit=COUNTED_IN_SEARCH + 1)
        return found[start : end + 1], min(len(found), COUNTED_IN_SEARCH), len(found) > COUNTED_IN_SEARCH
    limit = COUNTED_IN_SEARCH if form.is_search() else COUNTED
    keys = fetch_keys(query, limit=PAGE_SIZE + 1, start=start)
    if end > limit:
        return keys, limit, True
    if keys and len(keys) <= PAGE_SIZE:
        return keys, start + len(keys), False
    found_in_all = count(form, at_most=limit + 1)
    return keys, min(found_in_all, limit), found_in_all > limit


def count(form: ClaimListForm, *, at_most: int | None = None) -> int:
    """How many claims the list holds, counted up to a limit.

    In no order, so that whichever index leads to them soonest can be used; but to search without one is to read
    everybody's claims.
    """
    return form.claims().order_by(*NEWEST_FIRST if form.is_search() else ())[:at_most].count()


def fetch_keys(query: Sql, *, limit: int, start: int = 0) -> list[int]:
    sql, given = query
    return [key for (key,) in fetch(f"{sql} LIMIT %s OFFSET %s", [*given, limit, start])]


def fetch(sql: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()
