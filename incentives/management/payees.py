"""The demo's bank and tax details: numbers that are published as examples, entered by the companies' own admins."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localdate

from incentives.models import Location, LocationRole, PayeeProfile, User
from incentives.models.payee import Part
from incentives.payee.details import keep, owner
from incentives.payee.forms import BankForm, PayeeForm, TaxForm
from incentives.payee.numbers import mask
from incentives.payee.sealing import seal

FORMS: dict[str, type[PayeeForm]] = {Part.BANK: BankForm, Part.TAX: TaxForm}
# What each word of the demo file means: which halves were entered, how many days ago, and for how many days they held.
STORIES = {
    "complete": ((Part.BANK, Part.TAX), 400, 1095),
    "expired": ((Part.BANK, Part.TAX), 1100, 1095),
    "bank": ((Part.BANK,), 30, 0),
    "incomplete": ((), 0, 0),
}
# From the registry of IBANs, from the Federal Reserve's and the tax authorities' own examples, or by python-stdnum.
ACCOUNTS: dict[str, dict[str, str]] = {
    "US": {"routing_number": "111000025", "account_number": "0001 2345 6789", "currency": "USD"},
    "HU": {"iban": "HU42 1177 3016 1111 1018 0000 0000", "currency": "HUF"},
    "IE": {"iban": "IE29 AIBK 9311 5212 3456 78", "currency": "EUR"},
    "FR": {"iban": "FR14 2004 1010 0505 0001 3M02 606", "currency": "EUR"},
    "DE": {"iban": "DE89 3704 0044 0532 0130 00", "currency": "EUR"},
    "RU": {"iban": "RU03 0445 2522 5408 1781 0538 0913 1041 9", "currency": "USD"},
    "MX": {"bic": "EXAMMXMM", "account_number": "0321 8000 0118 3597 19", "currency": "MXN"},
    "AU": {"bic": "EXAMAU2S", "account_number": "012 003 1234 5678", "currency": "AUD"},
    "IN": {"bic": "EXAMINBB", "account_number": "0011 2233 4455 667", "currency": "INR"},
    "CA": {"bic": "EXAMCATT", "account_number": "00123 001 1234567", "currency": "CAD"},
    "SG": {"bic": "EXAMSGSG", "account_number": "001 123456 7", "currency": "SGD"},
}
TAX_NUMBERS = {
    "US": "12-3456789",
    "HU": "HU-12892312",
    "IE": "IE 6433435F",
    "FR": "23 334 175 221",
    "DE": "DE136695976",
    "RU": "1234567894",
    "MX": "MAB-930714-8T4",
    "AU": "51 824 753 556",
    "IN": "27AAPFU0939F1ZV",
    "CA": "12302 6635",
    "SG": "197401143C",
}


def enter(location: Location, story: str, *, now: datetime) -> None:
    """What the location's Incentive Admin typed into the two forms, on the days of the story."""
    parts, days, held = STORIES[story]
    admin = User.objects.filter(
        location_roles__location=location, location_roles__role=LocationRole.Role.ADMIN
    ).earliest("pk")
    for part in parts:
        at = now - timedelta(days=days)
        typed = filled(part, location, expires_on=localdate(at + timedelta(days=held)))
        form = FORMS[part](typed, location=location, now=at)
        if not form.is_valid():
            raise ValueError(f"{location}: {form.errors.as_json()}")
        keep(location, form.details(), revision=0, by=admin, now=at)


def filled(part: Part, location: Location, *, expires_on: Any) -> dict[str, Any]:
    country = location.country.code
    common = {"country": country, "name": location.name}
    if part == Part.BANK:
        return common | ACCOUNTS[country]
    form = "W-9" if country == "US" else "W-8BEN-E"
    return common | {"form": form, "number": TAX_NUMBERS[country], "expires_on": str(expires_on)}


def sample(location: Location, parts: Iterable[Part] = tuple(Part)) -> PayeeProfile:
    """A profile with these halves of a company in the United States, not saved: for those who make many at once."""
    profile = PayeeProfile(location=location)
    common = {"country": "US", "name": location.name}
    for part in parts:
        if part == Part.BANK:
            numbers = {"routing_number": "111000025", "account_number": "000123456789"}
            facts = common | {"currency": "USD", "mask": mask(numbers["account_number"])}
        else:
            numbers = {"number": "123456789"}
            facts = common | {"form": "W-9", "mask": mask(numbers["number"])}
        for name, value in (facts | {"sealed": seal(numbers, of=owner(profile, part))}).items():
            setattr(profile, f"{part}_{name}", value)
    return profile
