"""Payee profiles with numbers that are published as examples: in the registry of IBANs, or by python-stdnum."""

from datetime import date
from typing import Any

from incentives.models import Location, PayeeProfile
from incentives.models.payee import Part
from incentives.payee.details import Details, write
from incentives.payee.numbers import mask

# From the registry of IBANs, one per country.
IBANS = {
    "DE": "DE89370400440532013000",
    "FR": "FR1420041010050500013M02606",
    "GB": "GB29NWBK60161331926819",
    "HU": "HU42117730161111101800000000",
    "IE": "IE29AIBK93115212345678",
    "SA": "SA0380000000608010167519",
}
ROUTING_NUMBER, ACCOUNT_NUMBER, EIN = "111000025", "000123456789", "123456789"


def bank(**changes: str) -> dict[str, str]:
    """What an Incentive Admin types into the bank form, for an account in Hungary."""
    typed = {"country": "HU", "name": "FridayINC Kft.", "currency": "HUF", "iban": IBANS["HU"]}
    return {"part": "bank", "revision": "0"} | typed | changes


def tax(**changes: str) -> dict[str, str]:
    """What an Incentive Admin types into the tax form, for a company in Hungary."""
    typed = {"country": "HU", "name": "FridayINC Kft.", "form": "W-8BEN-E", "number": "HU12892312"}
    return {"part": "tax", "revision": "0", "expires_on": ""} | typed | changes


def make_payee(location: Location, *, expires_on: date | None = None) -> PayeeProfile:
    """A complete profile of a company in the United States, as it is once both forms were saved."""
    profile = PayeeProfile.objects.create(location=location)
    account = {"routing_number": ROUTING_NUMBER, "account_number": ACCOUNT_NUMBER}
    where: dict[str, Any] = {"country": "US", "name": "Partner Inc."}
    bank_facts = where | {"currency": "USD", "mask": mask(ACCOUNT_NUMBER)}
    tax_facts = where | {"form": "W-9", "expires_on": expires_on, "mask": mask(EIN)}
    write(profile, Details(Part.BANK, bank_facts, account))
    write(profile, Details(Part.TAX, tax_facts, {"number": EIN}))
    return PayeeProfile.objects.get(pk=profile.pk)


def forget(part: Part, location: Location | None = None) -> None:
    """Takes one half away, at one location or everywhere: as if it had never been entered."""
    rows = PayeeProfile.objects.filter(location=location) if location else PayeeProfile.objects.all()
    names = ("country", "name", "mask", "sealed", "currency" if part == Part.BANK else "form")
    rows.update(**{f"{part}_{name}": "" for name in names})
