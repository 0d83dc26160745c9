"""What a tax number looks like in each country, as far as python-stdnum knows its rule (ROLE-5)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django_countries import countries
from stdnum.exceptions import ValidationError as NotOne
from stdnum.util import get_cc_module

from .numbers import compact, of_length

# The numbers by which tax authorities know a payee where that is not, or not only, the VAT number.
BESIDES_VAT = {
    "AT": ("tin",),
    "AU": ("tfn",),
    "BR": ("cpf",),
    "CA": ("sin",),
    "CH": ("uid",),
    "DE": ("stnr", "idnr"),
    "FI": ("ytunnus",),
    "FR": ("nif", "siren"),
    "GB": ("utr",),
    "IN": ("pan",),
    "IT": ("codicefiscale",),
    "LI": ("peid",),
    "MD": ("idno",),
    "NL": ("bsn",),
    "NO": ("orgnr",),
    "PL": ("pesel",),
    "SE": ("orgnr", "personnummer"),
    "UA": ("edrpou", "rntrc"),
    "US": ("ein", "ssn", "itin"),
    "ZA": ("tin",),
}


def rules_of(country: str) -> list[Any]:
    """The modules that know a tax number of this country; none where no rule is known."""
    found = [get_cc_module(country, name) for name in ("vat", *BESIDES_VAT.get(country, ()))]
    return [module for module in found if module]


def has_rule(country: str) -> bool:
    return bool(rules_of(country))


@sensitive_variables()
def check(typed: str, country: str) -> str:
    """The number in one form; raises ValidationError for one that the country does not give out."""
    number, rules = compact(typed), rules_of(country)
    if not number:
        raise ValidationError(_("Type the number: the one that is stored is never shown."))
    if not rules:
        return of_length(number, 4, 20)
    for rule in rules:
        try:
            return compact(rule.validate(number))
        except NotOne:
            continue
    words = _("This is not a tax number of %(country)s: a character is wrong, missing or in another's place.")
    raise ValidationError(words % {"country": countries.name(country)})
