"""Files of records, one JSON object a line: what a field may hold, and every problem with its line."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django_countries import countries

Check = Callable[[Any], Any]
Fields = Mapping[str, Check]


class Wrong(NamedTuple):
    """What is wrong with one field of a record: in words for its place in a form, and as a sentence of its own."""

    field: str
    text: str
    sentence: str


class Problem(NamedTuple):
    """What is wrong on one line, in which field where it is in one, and what to write instead."""

    line: int
    text: str
    field: str = ""

    def __str__(self) -> str:
        return _("Line %(line)s: %(text)s") % {"line": self.line, "text": self.text}


class FileRefused(Exception):
    """The records have problems, so none of them was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in sorted(problems)))
        self.problems = sorted(problems)


class Record(NamedTuple):
    """One line with its values in Python types; one that is not sound lacks those that were wrong."""

    line: int
    kind: str
    values: dict[str, Any]
    sound: bool


def read(path: Path, kinds: Mapping[str, Fields], problems: list[Problem]) -> Iterator[Record]:
    """The records one by one, in constant memory; what is wrong with them is added to `problems`."""
    with path.open("rb") as file:
        yield from read_lines(file, kinds, problems)


def read_lines(
    lines: Iterable[bytes], kinds: Mapping[str, Fields], problems: list[Problem]
) -> Iterator[Record]:
    for line, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            found = parse(raw.removeprefix(b"\xef\xbb\xbf") if line == 1 else raw)
            kind = found.pop("record", None)
            if not isinstance(kind, str) or kind not in kinds:
                raise ValueError(_("“record” must be one of %(kinds)s.") % {"kinds": ", ".join(kinds)})
        except ValueError as error:
            problems.append(Problem(line, str(error)))
            continue
        values, wrong = checked(found, kinds[kind])
        problems += [Problem(line, w.sentence, w.field) for w in wrong]
        yield Record(line, kind, values, sound=not wrong)


def parse(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode(), object_pairs_hook=once, parse_constant=no_number)
    except UnicodeDecodeError as error:
        raise ValueError(_("This is not UTF-8 text. Save the file in UTF-8.")) from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(_("This is not a JSON object. Write one object on one line.")) from error
    if not isinstance(found, dict):
        raise ValueError(_("This is not a JSON object. Write one object on one line."))
    return found


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("A field is written twice. Keep one of them."))
    return found


def no_number(name: str) -> None:
    raise ValueError(_("%(name)s is not a number that JSON knows.") % {"name": name})


def checked(found: Mapping[str, Any], fields: Fields, prefix: str = "") -> tuple[dict[str, Any], list[Wrong]]:
    """Every field's value, and what is wrong with each unknown, missing or wrong one; “name?” may be missing."""
    required = {name.removesuffix("?"): not name.endswith("?") for name in fields}
    unknown = _("Unknown field “%(name)s”.")
    wrong = [whole_sentence(prefix + name, unknown) for name in found if name not in required]
    values = {}
    for name, check in zip(required, fields.values(), strict=True):
        if name not in found:
            if required[name]:
                wrong.append(whole_sentence(prefix + name, _("The field “%(name)s” is missing.")))
            continue
        try:
            values[name] = check(found[name])
        except ValueError as error:
            wrong.append(Wrong(prefix + name, str(error), f"“{prefix}{name}”: {error}"))
    return values, wrong


def whole_sentence(field: str, text: str) -> Wrong:
    return Wrong(field, text % {"name": field}, text % {"name": field})


# --- what a field may hold ---


def text(limit: int, *, empty: bool = False) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit or not (empty or value.strip()):
            raise ValueError(_("must be a text of at most %(limit)s characters.") % {"limit": limit})
        # PostgreSQL stores neither NUL nor lone surrogates, and no page shows any other control character.
        if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in value):
            raise ValueError(_("holds an invisible control character. Remove it."))
        return value

    return check


def code(limit: int = 40) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit or not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise ValueError(
                _("must be a code of letters, digits, - and _, at most %(limit)s.") % {"limit": limit}
            )
        return value

    return check


def one_of(*choices: str) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(_("must be one of %(choices)s.") % {"choices": ", ".join(choices)})
        return value

    return check


def whole(lowest: int, highest: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not lowest <= value <= highest:
            wanted = {"lowest": lowest, "highest": highest}
            raise ValueError(_("must be a whole number from %(lowest)s to %(highest)s.") % wanted)
        return value

    return check


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("must be true or false."))
    return value


def day(value: Any) -> date:
    """A calendar day written as 2026-11-21; JSON has no type for it."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(_("must be a date like 2026-11-21.")) from error


def money(value: Any) -> Decimal:
    """US dollars and cents as text, so that no amount is ever rounded by a float."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,8}\.[0-9]{2}", value):
        raise ValueError(_('must be an amount in US dollars and cents like "1500.00".'))
    return Decimal(value)


def country(value: Any) -> str:
    if not isinstance(value, str) or value not in countries.countries:
        raise ValueError(_("must be the two-letter code of a country, like US."))
    return value


def list_of(check: Check, *, unique: bool = False, most: int = 100_000) -> Check:
    def check_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(_("must be a list."))
        if len(value) > most:
            raise ValueError(_("must not have more than %(most)s entries.") % {"most": most})
        items = [check(item) for item in value]
        if unique and len(set(items)) < len(items):
            raise ValueError(_("names something twice."))
        return items

    return check_all


def group(fields: Fields) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(_("must be an object."))
        values, wrong = checked(value, fields)
        if wrong:
            raise ValueError(" ".join(w.sentence for w in wrong))
        return values

    return check


def optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)
