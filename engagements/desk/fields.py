"""Form fields that speak the catalogue file's language: typed text becomes what a record holds, and the other way."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_countries import countries

NOTHING = "–"


class Words(forms.CharField):
    """A text; the record's own rules judge it, so that form and file say the same."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False} | kwargs)

    def to_record(self, given: Any) -> Any:
        return given.replace("\r\n", "\n").replace("\r", "\n")

    def typed(self, value: Any) -> Any:
        """How a record's value stands in the form."""
        return "" if value is None else str(value)

    def shown(self, value: Any) -> list[str]:
        """How a record's value is read: lines of text."""
        return str(value).split("\n") if value not in (None, "") else [NOTHING]


class LongText(Words):
    widget = forms.Textarea(attrs={"rows": 4})


class Sentences(Words):
    """A list with one entry a line; empty lines do not count."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_record(self, given: Any) -> Any:
        lines = [part.strip() for part in super().to_record(given).split("\n")]
        return [part for part in lines if part]

    def typed(self, value: Any) -> Any:
        return "\n".join(value or ())

    def shown(self, value: Any) -> list[str]:
        return [str(part) for part in value or ()] or [NOTHING]


class Codes(Sentences):
    """Codes of countries, with spaces, commas or lines between them."""

    widget = forms.Textarea(attrs={"rows": 3, "autocapitalize": "characters", "spellcheck": "false"})

    def to_record(self, given: Any) -> Any:
        return [part.upper() for part in re.split(r"[\s,;]+", given) if part]

    def typed(self, value: Any) -> Any:
        return ", ".join(value or ())

    def shown(self, value: Any) -> list[str]:
        return [", ".join(countries.name(code) or code for code in value or ()) or NOTHING]


class PartnerIds(Codes):
    """PartnerIDs, with spaces, commas or lines between them."""

    widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})

    def to_record(self, given: Any) -> Any:
        return [number(part) for part in re.split(r"[\s,;]+", given) if part]

    def typed(self, value: Any) -> Any:
        return "\n".join(str(part) for part in value or ())

    def shown(self, value: Any) -> list[str]:
        return [", ".join(str(part) for part in value or ()) or NOTHING]


class Whole(Words):
    """A whole number in plain digits; anything else stays as it was typed, and is refused by the record's rules."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def to_record(self, given: Any) -> Any:
        return number(given) if given else None


def number(given: str) -> Any:
    return int(given) if re.fullmatch(r"[0-9]{1,15}", given) else given


class Usd(Words):
    """US dollars; cents may be left out."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_record(self, given: Any) -> Any:
        if not given:
            return None
        return f"{Decimal(given):.2f}" if re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", given) else given

    def shown(self, value: Any) -> list[str]:
        return [f"${Decimal(value):,.2f}" if value is not None else NOTHING]


class WholeUsd(Whole):
    def shown(self, value: Any) -> list[str]:
        return [f"${value:,}" if value is not None else NOTHING]


class Day(Words):
    """A calendar day; the browser's own picker writes it as 2026-11-21."""

    widget = forms.TextInput(attrs={"type": "date"})

    def to_record(self, given: Any) -> Any:
        return given or None


class Flag(forms.BooleanField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def to_record(self, given: Any) -> Any:
        return given

    def typed(self, value: Any) -> Any:
        return bool(value)

    def shown(self, value: Any) -> list[str]:
        return [str(_("Yes") if value else _("No"))]


class OneOf(forms.ChoiceField):
    """One of several words, or nothing."""

    def __init__(self, choices: Iterable[tuple[Any, Any]] = (), **kwargs: Any) -> None:
        super().__init__(choices=[("", NOTHING), *choices], required=False, **kwargs)

    def offer(self, choices: Iterable[tuple[Any, Any]]) -> None:
        self.choices = [("", NOTHING), *choices]

    def to_record(self, given: Any) -> Any:
        return given or None

    def typed(self, value: Any) -> Any:
        return value or ""

    def shown(self, value: Any) -> list[str]:
        return [str(labels(self).get(value or "", value))]


class SomeOf(forms.MultipleChoiceField):
    """Boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Iterable[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(choices=choices, required=False, **kwargs)

    def to_record(self, given: Any) -> Any:
        return list(given)

    def typed(self, value: Any) -> Any:
        return list(value or ())

    def shown(self, value: Any) -> list[str]:
        return [str(labels(self).get(part, part)) for part in value or ()] or [NOTHING]


def labels(field: Any) -> dict[Any, Any]:
    return dict(field.choices)
