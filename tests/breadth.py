"""How much of a long test runs with every change, and how much waits for `python3 run.py faults`."""

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pytest


def in_full() -> bool:
    return bool(os.environ.get("LONG_ROUNDS"))


def rounds(usual: int, *, long: int) -> int:
    """How often a race is run: the long way in `python3 run.py faults`; such a test is marked `long`."""
    return long if in_full() else usual


def some(things: Iterable[Any], *, first: Collection[Any]) -> list[Any]:
    """What one test goes through: the first of these, the long way all; such a test is marked `long`."""
    return [each for each in things if in_full() or each in first]


def one_of_each(columns: Mapping[str, Iterable[Any]]) -> Collection[str]:
    """The first of those whose column of a table says the same; the others ask in faults."""
    return {tuple(columns[who]): who for who in reversed(columns)}.values()


def everybody(people: Iterable[Any], *, first: Collection[Any]) -> list[Any]:
    """One test for each of these, of which all but the first wait."""
    return [each if each in first else pytest.param(each, marks=pytest.mark.faults) for each in people]
