"""The two forms of a payee profile: each checks all that it asks for, and neither shows a number that is stored."""

import re
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django_countries import countries

from ..models import Location, PayeeProfile
from ..models.payee import NAME_LENGTH, Part
from . import accounts, tax_numbers
from .currencies import CURRENCIES
from .details import Details
from .numbers import mask

# A name may hold a year or a house number; with more digits it is an account or tax number in the wrong field.
A_NUMBER = re.compile(r"(?:\d[\s.\-/]*){7,}")


class CountrySelect(forms.Select):
    """Says of each country what kind it is of, so that the page can show what that kind needs (payee.css)."""

    kind_of: Any = None

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"] |= {"data-kind": self.kind_of(value)} if value else {}
        return option


class TypedNumber(forms.CharField):
    """A number that is typed anew each time, and that browsers are asked not to keep.

    It is marked as needed; whether it is, the country says, so the form asks for it in words of its own.
    """

    def __init__(self, **kwargs: Any) -> None:
        quiet = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        super().__init__(max_length=60, widget=forms.TextInput(attrs=quiet), **kwargs)

    def validate(self, value: Any) -> None: ...


class PayeeForm(forms.Form):
    """What both halves ask for: a country, which decides the rules, and a name."""

    fields: dict[str, Any]
    part: ClassVar[Part]
    sheet: ClassVar[str]
    country = forms.ChoiceField(widget=CountrySelect)
    name = forms.CharField(max_length=NAME_LENGTH)

    def __init__(
        self, data: Any = None, *, location: Location, now: datetime, profile: PayeeProfile | None = None
    ) -> None:
        super().__init__(data, auto_id=f"{self.part}_%s")
        self.fields["country"].choices = [("", gettext_lazy("Select a country/region")), *countries]
        self.initial = {"country": location.country.code} | self.stored(profile)
        self.now = now

    def stored(self, profile: PayeeProfile | None) -> dict[str, Any]:
        """What stands in the form at first: the facts that are stored, and no number."""
        kept = {name: getattr(profile, f"{self.part}_{name}", None) for name in self.fields}
        return {name: getattr(value, "code", value) for name, value in kept.items() if value}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if A_NUMBER.search(name):
            raise ValidationError(
                _("This looks like a number. Write a name here, and a number in its own field.")
            )
        return name

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        """Every number by the rules of the country that was chosen."""
        cleaned = super().clean() or {}
        country = cleaned.get("country", "")
        for name in self.numbers_of(country) if country else ():
            try:
                if name in cleaned:
                    cleaned[name] = self.checked(name, cleaned[name], country)
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def numbers_of(self, country: str) -> tuple[str, ...]:
        """The numbers to be typed for this country, last the one whose mask is shown."""
        raise NotImplementedError

    def checked(self, name: str, typed: str, country: str) -> str:
        raise NotImplementedError

    @sensitive_variables()
    def details(self) -> Details:
        """What a valid form says; numbers that its country does not use are left out."""
        numbers = {name: self.cleaned_data[name] for name in self.numbers_of(self.cleaned_data["country"])}
        facts = {name: value for name, value in self.cleaned_data.items() if name not in self.typed_numbers}
        return Details(self.part, facts | {"mask": mask([*numbers.values()][-1])}, numbers)

    @property
    def typed_numbers(self) -> set[str]:
        return {name for name, field in self.fields.items() if isinstance(field, TypedNumber)}


class BankForm(PayeeForm):
    """Where the location is paid to. The country of the bank decides which numbers name an account."""

    part = Part.BANK
    sheet = "incentives/payee/_bank.html"
    iban = TypedNumber(
        label=gettext_lazy("IBAN"), help_text=gettext_lazy("As on a bank statement, with or without spaces.")
    )
    routing_number = TypedNumber(
        label=gettext_lazy("Routing number"), help_text=gettext_lazy("The nine digits that name the bank.")
    )
    bic = TypedNumber(
        label=gettext_lazy("BIC (SWIFT code)"),
        help_text=gettext_lazy("The eight or eleven characters that name the bank."),
    )
    account_number = TypedNumber(
        label=gettext_lazy("Account number"),
        help_text=gettext_lazy(
            "It has no check digits that could be looked at: compare it with a bank statement."
        ),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Payment currency"),
        choices=[
            ("", gettext_lazy("Select a currency")),
            *((code, f"{code} – {name}") for code, name in CURRENCIES.items()),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].label = _("Bank country/region")
        self.fields["country"].widget.kind_of = accounts.kind_in
        self.fields["name"].label = _("Beneficiary name")
        self.fields["name"].help_text = _("Whom the account belongs to, as the bank knows them.")

    def numbers_of(self, country: str) -> tuple[str, ...]:
        return accounts.NUMBERS[accounts.kind_in(country)]

    @sensitive_variables()
    def checked(self, name: str, typed: str, country: str) -> str:
        return accounts.check(name, typed, country)


class TaxForm(PayeeForm):
    """By which number, and by which of the two forms of the United States, a location is known for tax."""

    part = Part.TAX
    sheet = "incentives/payee/_tax.html"
    number = TypedNumber(label=gettext_lazy("Tax number"))
    form = forms.ChoiceField(
        label=gettext_lazy("Tax form"),
        choices=[("", gettext_lazy("Select a form")), *PayeeProfile.TaxForm.choices],
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Expiration date"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy(
            "If the form has one. From this day on (UTC) the tax details count as incomplete."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].label = _("Tax country/region")
        self.fields["country"].widget.kind_of = lambda code: (
            "ruled" if tax_numbers.has_rule(code) else "plain"
        )
        self.fields["name"].label = _("Legal name")
        self.fields["name"].help_text = _("As it stands on the tax form.")

    def clean_expires_on(self) -> date | None:
        day = self.cleaned_data["expires_on"]
        if day and day <= self.now.date():
            raise ValidationError(_("This form has expired. Enter the details of one that is still good."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        country, form = cleaned.get("country"), cleaned.get("form")
        if country and form and (country == "US") != (form == PayeeProfile.TaxForm.W9):
            words = _(
                "Form W-9 is for payees of the United States, and W-8 for all others. Change form or country."
            )
            self.add_error("form", words)
        return cleaned

    def numbers_of(self, country: str) -> tuple[str, ...]:
        return ("number",)

    @sensitive_variables()
    def checked(self, name: str, typed: str, country: str) -> str:
        return tax_numbers.check(typed, country)
