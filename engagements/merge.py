"""Bringing stored rows in line with a file: new ones added, different ones changed, none removed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Key = tuple[Any, ...]
BATCH = 1000


@dataclass
class Outcome:
    """How many rows of one kind a file added, changed and found as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def count(self, other: "Outcome") -> None:
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"


def merge(
    model: type[Model],
    key: Sequence[str],
    wanted: Mapping[Key, Mapping[str, Any]],
    was: Mapping[Key, Key] | None = None,
) -> Outcome:
    """Write each row of `wanted`, known by its key, or by the key it `was` stored under; inside a transaction only.

    Rows that exist are locked in the order of their primary keys, as everybody else locks them, so that an
    import and people who create claims wait for each other instead of getting stuck.
    """
    was = was or {}
    found = rows(model, key, {was.get(k, k) for k in wanted})
    stored = {k: found[was.get(k, k)] for k in wanted if was.get(k, k) in found}
    new = [
        model(**dict(zip(key, k, strict=True)), **values) for k, values in wanted.items() if k not in stored
    ]
    different = []
    for k, row in stored.items():
        values = dict(wanted[k]) | (dict(zip(key, k, strict=True)) if k in was else {})
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            different.append(row)
    model._default_manager.bulk_create(new, batch_size=BATCH)
    if different:
        fields = [*next(iter(wanted.values())), *(key if was else ())]
        model._default_manager.bulk_update(different, fields, batch_size=BATCH)
    return Outcome(len(new), len(different), len(stored) - len(different))


def rows(model: type[Model], key: Sequence[str], wanted: Collection[Key]) -> dict[Key, Any]:
    """The stored rows among the wanted ones, found by the parts of their key."""
    parts = {f"{name}__in": {k[i] for k in wanted} for i, name in enumerate(key)}
    found = model._default_manager.filter(**parts).select_for_update(no_key=True).order_by("pk")
    return {k: row for row in found if (k := tuple(getattr(row, name) for name in key)) in wanted}
