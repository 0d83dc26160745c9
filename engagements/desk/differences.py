"""What is different between two states of a record, as people read it: field, from, to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..export import plain
from ..models import EvidenceSlot
from .fields import NOTHING
from .record_form import RecordForm, Values, part_of


@dataclass(frozen=True)
class Difference:
    """One field by its label, with the lines it held and the lines it holds now."""

    label: str
    old: list[str]
    new: list[str]


def differences(old: Values | None, new: Values, form: RecordForm) -> list[Difference]:
    """Every field that differs, in the order of the form; of a new record every field that holds something."""
    return [*fields(old, new, form), *documents(old, new), *listed(old, new)]


def fields(old: Values | None, new: Values, form: RecordForm) -> Iterator[Difference]:
    for heading, names in form.sections:
        for name in names.split():
            if name in {"deed", "locations"}:
                continue
            before, after = part_of(old or {}, name), part_of(new, name)
            if plain(before) != plain(after) and (old or after not in (None, "", [])):
                field = form.fields[name]
                label = str(field.label)
                shown = [NOTHING] if old is None else field.shown(plain(before))
                yield Difference(
                    f"{heading}: {label}" if heading else label, shown, field.shown(plain(after))
                )


def facts(values: Values, form: RecordForm) -> list[tuple[Any, list[tuple[str, list[str]]]]]:
    """Everything a record says, by the sections of its form, for those who read only."""
    cards = []
    for heading, names in form.sections:
        lines = [
            (str(form.fields[name].label), form.fields[name].shown(plain(part_of(values, name))))
            for name in names.split()
        ]
        cards.append((heading, lines))
    if "evidence" in values:
        cards.append((_("Documents"), [(_("Asked for"), slot_lines(values) or [NOTHING])]))
    return cards


def documents(old: Values | None, new: Values) -> Iterator[Difference]:
    before, after = slot_lines(old or {}), slot_lines(new)
    if before != after:
        yield Difference(_("Documents"), before or [NOTHING], after or [NOTHING])


def slot_lines(record: Values) -> list[str]:
    kinds = dict(EvidenceSlot.Kind.choices)
    return [f"{slot['name']} ({kinds.get(slot['kind'], '')})" for slot in record.get("evidence", ())]


def listed(old: Values | None, new: Values) -> Iterator[Difference]:
    before, after = (set((record or {}).get("locations", ())) for record in (old, new))
    for label, some in (
        (_("Added to the list"), after - before),
        (_("Removed from the list"), before - after),
    ):
        if some:
            yield Difference(label, [NOTHING], numbers(some))


def numbers(some: Any) -> list[str]:
    return [", ".join(str(number) for number in sorted(some))]
