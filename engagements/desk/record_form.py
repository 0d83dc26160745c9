"""A form that is judged by the rules of a catalogue record, so that form and file say the same (ENG-8)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from ..catalogue_records import KINDS, RULES, key_of
from ..changes import Change, collect, why_not
from ..export import stored_under
from ..recordfile import Check, Problem, Record, Wrong, checked
from .fields import OneOf, Words

Values = dict[str, Any]


class RecordForm(forms.Form):
    """A form whose fields are those of a record; a group's field is named after it: limits__consents."""

    kind = ""
    groups: Mapping[str, Mapping[str, Any]] = {}
    sections: tuple[tuple[Any, str], ...] = ()
    fixed: tuple[str, ...] = ()
    fields: dict[str, Any]
    initial: dict[str, Any]

    def __init__(self, data: QueryDict | None = None, *, stored: Values | None = None) -> None:
        """`stored` is the record as it is now, None for a new one; its fixed fields cannot be typed over."""
        super().__init__(data)
        self.stored = stored
        self.values: Values = {}
        self.change: Change = collect((), [])
        self.prepare()
        for name, field in self.fields.items():
            field.required = must_be_given(KINDS[self.kind].get(name), field)
            field.disabled = bool(stored) and name in self.fixed
            if stored is not None and name not in self.initial:
                self.initial[name] = field.typed(part_of(stored, name))

    def prepare(self) -> None:
        """Offer what can be chosen at this moment."""

    def cards(self) -> Iterator[tuple[Any, list[Any]]]:
        """The fields by the sections of the page."""
        for heading, names in self.sections:
            yield heading, [self[name] for name in names.split()]

    def record(self, cleaned: Values) -> Values:
        """The record that was typed, not yet judged."""
        flat = {name: self.fields[name].to_record(cleaned[name]) for name in cleaned}
        return {field: self.part(field, flat) for field in KINDS[self.kind]}

    def part(self, field: str, flat: Values) -> Any:
        if field not in self.groups:
            return flat.get(field)
        return {name: flat.get(f"{field}__{name}") for name in self.groups[field]}

    def clean(self) -> Values:
        cleaned = super().clean() or {}
        record = self.record({name: cleaned.get(name, "") for name in self.fields})
        self.complain_of(self.judge(record))
        if not self.errors and self.kind in RULES:
            self.complain_of(RULES[self.kind](self.values))
        if not self.errors:
            self.change = collect([Record(1, self.kind, self.values, sound=True)], [])
            self.change.was = self.moved()
            self.complain_of(why_not(self.change))
        return cleaned

    def judge(self, record: Values) -> list[Wrong]:
        """Check the record field by field; a group's parts have places of their own in the form."""
        simple = {name: check for name, check in KINDS[self.kind].items() if name not in self.groups}
        self.values, wrong = checked({name: record[name] for name in simple}, simple)
        for group, parts in self.groups.items():
            self.values[group] = None
            if record[group] is not None:
                self.values[group], more = checked(record[group], parts, f"{group}__")
                wrong += more
        self.values = {name: self.values.get(name) for name in KINDS[self.kind]}
        return wrong

    def moved(self) -> dict[Any, Any]:
        """The key under which the record is stored, by its new one, where the key can be edited."""
        return {}

    def before(self) -> Values | None:
        """The record that this form would change; for a new one, what stands under its key already."""
        return self.stored or stored_under(self.kind, key_of(self.kind, self.values))

    def complain_of(self, wrong: Iterable[Wrong | Problem]) -> None:
        for finding in wrong:
            self.complain(finding.field, finding.text)

    def complain(self, field: str, text: str) -> None:
        place = next((name for name in self.fields if name == field or name.startswith(f"{field}__")), None)
        if place is None or not self.has_error(place):
            sentence = re.sub(r"“(\w+)”", self.label_of, text)
            self.add_error(place, sentence[:1].upper() + sentence[1:])

    def label_of(self, name: re.Match[str]) -> str:
        """People know a field by its label, files by its name."""
        field = self.fields.get(name[1])
        return f"“{field.label}”" if field else name[0]


def must_be_given(check: Check | None, field: Any) -> bool:
    """Whether the record's rules refuse what an empty field would put there."""
    if check is None or not isinstance(field, Words | OneOf):
        return False
    try:
        check(field.to_record(""))
    except ValueError:
        return True
    return False


def part_of(record: Values, name: str) -> Any:
    """The value for a form field in a record: limits__consents stands in the group limits."""
    group, _separator, part = name.partition("__")
    value = record.get(group)
    return value.get(part) if part and isinstance(value, dict) else None if part else value


def choices_of(model: Any) -> list[tuple[Any, Any]]:
    return list(model.objects.order_by("name").values_list("code", "name"))
