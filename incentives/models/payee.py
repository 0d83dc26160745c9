"""What a location is paid by: bank and tax details, their numbers sealed, and whether they are complete (ROLE-5)."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import models
from django.db.models import ExpressionWrapper, GeneratedField, Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from .partners import Location

NAME_LENGTH = 120


class Part(models.TextChoices):
    """The two halves of a profile, each saved on its own."""

    BANK = "bank", _("Bank details")
    TAX = "tax", _("Tax details")


# What of each half may be shown, in the order in which people read it; a number only as its mask.
SHOWN = {
    Part.BANK: ("country", "name", "mask", "currency"),
    Part.TAX: ("country", "name", "mask", "form", "expires_on"),
}


def whole(part: Part) -> Q:
    """Either nothing is stored of this half, or everything that makes it complete."""
    needed = ("country", "name", "mask", "sealed", "currency" if part == Part.BANK else "form")
    nothing, everything = Q(), Q()
    for name in needed:
        nothing &= Q(**{f"{part}_{name}": ""})
        everything &= Q(**{f"{part}_{name}__gt": ""})
    return nothing | everything


def is_stored(part: Part) -> GeneratedField:
    stored = ExpressionWrapper(Q(**{f"{part}_sealed__gt": ""}), output_field=models.BooleanField())
    return GeneratedField(expression=stored, output_field=models.BooleanField(), db_persist=True)


class PayeeProfile(models.Model):
    """A location's bank and tax details; account and tax number are kept sealed, and by their masks alone shown."""

    class TaxForm(models.TextChoices):
        W9 = "W-9", _("W-9 (United States)")
        W8BEN = "W-8BEN", _("W-8BEN (a person outside the United States)")
        W8BEN_E = "W-8BEN-E", _("W-8BEN-E (a company outside the United States)")

    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="payee")
    bank_country: Country = CountryField(_("bank country/region"), blank=True)  # type: ignore[assignment]  # says str
    bank_name = models.CharField(_("beneficiary name"), max_length=NAME_LENGTH, blank=True)
    bank_mask = models.CharField(_("account"), max_length=40, blank=True)
    bank_currency = models.CharField(_("payment currency"), max_length=3, blank=True)
    bank_sealed = models.TextField(blank=True)
    bank_revision = models.PositiveIntegerField(default=0)
    bank_complete = is_stored(Part.BANK)
    tax_country: Country = CountryField(_("tax country/region"), blank=True)  # type: ignore[assignment]  # says str
    tax_name = models.CharField(_("legal name"), max_length=NAME_LENGTH, blank=True)
    tax_mask = models.CharField(_("tax number"), max_length=40, blank=True)
    tax_form = models.CharField(_("tax form"), max_length=10, choices=TaxForm, blank=True)
    tax_expires_on = models.DateField(_("expiration date"), null=True, blank=True)
    tax_sealed = models.TextField(blank=True)
    tax_revision = models.PositiveIntegerField(default=0)
    tax_complete = is_stored(Part.TAX)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=whole(Part.BANK), name="bank_details_are_whole"),
            models.CheckConstraint(condition=whole(Part.TAX), name="tax_details_are_whole"),
        ]

    def __str__(self) -> str:
        return str(self.location)

    def has_expired(self, now: datetime) -> bool:
        """Whether the tax details no longer hold: from their expiration date on, in UTC, whether or not a job ran."""
        return self.tax_expires_on is not None and self.tax_expires_on <= now.date()

    def holds(self, part: Part, now: datetime) -> bool:
        """Whether one half is complete at this instant."""
        stored = self.bank_complete if part == Part.BANK else self.tax_complete and not self.has_expired(now)
        return bool(stored)

    def is_complete(self, now: datetime) -> bool:
        """Whether the location can be paid at this instant; `incomplete` says the same to the database."""
        return all(self.holds(part, now) for part in Part)

    def facts(self, part: Part) -> Iterator[tuple[str, str]]:
        """What may be shown of one half, each with its name."""
        for name in SHOWN[part]:
            if value := getattr(self, f"{part}_{name}"):
                label = self._meta.get_field(f"{part}_{name}").verbose_name  # type: ignore[union-attr]  # a column
                yield str(capfirst(label)), shown(value)

    def described(self, part: Part) -> str:
        """One half in a line of words, as the audit and mails tell it; empty when nothing is stored."""
        return "; ".join(f"{label}: {value}" for label, value in self.facts(part))


def shown(value: Country | date | str) -> str:
    if isinstance(value, Country):
        return str(value.name)
    return date_format(value, "M j, Y") if isinstance(value, date) else value


def incomplete(now: datetime, *, of: str = "") -> Q:
    """The profiles, or by `of` the rows beside them, that lack details or hold expired ones (or no profile at all)."""
    stored = Q(**{f"{of}bank_complete": True, f"{of}tax_complete": True})
    expired = Q(**{f"{of}tax_expires_on__lte": now.date()})
    return ~stored | expired


def status_words(complete: bool) -> str | Promise:
    """The payee profile status as the grids show it."""
    return _("Complete") if complete else _("Bank and tax details incomplete")
