"""How an account is named in each country, and whether what was typed can be one (ROLE-5).

python-stdnum knows the registry of IBANs and the check digits; where a country has no such rule, only characters and
length are checked, and the page says so.
"""

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django_countries import countries
from stdnum import bic, iban, numdb
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NotOne
from stdnum.us import rtn

from .numbers import compact, of_length


class Kind(TextChoices):
    """What names an account in a country."""

    IBAN = "iban", gettext_lazy("IBAN")
    ROUTING = "routing", gettext_lazy("Routing number and account number")
    BIC = "bic", gettext_lazy("BIC and account number")


# The numbers that each kind needs, the one that is shown by its mask last.
NUMBERS = {
    Kind.IBAN: ("iban",),
    Kind.ROUTING: ("routing_number", "account_number"),
    Kind.BIC: ("bic", "account_number"),
}
ROUTED = {"US", "AS", "GU", "MP", "PR", "VI"}
# Places without IBANs of their own, by whose IBANs their banks use.
LENDERS = {
    "FI": {"AX"},
    "FR": {"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"},
    "GB": {"GG", "IM", "JE"},
}
LENT = {place: lender for lender, places in LENDERS.items() for place in places}
REGISTRY = numdb.get("iban")


def kind_in(country: str) -> Kind:
    if country in ROUTED:
        return Kind.ROUTING
    return Kind.IBAN if REGISTRY.info(iban_country(country))[0][1] else Kind.BIC


def iban_country(country: str) -> str:
    """The two letters that an IBAN of a bank there begins with."""
    return LENT.get(country, country)


@sensitive_variables()
def check(name: str, typed: str, country: str) -> str:
    """One number of an account at a bank of this country, in one form; raises ValidationError."""
    number = compact(typed)
    if not number:
        words = _("This is needed for a bank in %(country)s; the number that is stored is never shown.")
        raise ValidationError(words % {"country": named(country)})
    return CHECKS[name](number, country)


@sensitive_variables()
def check_iban(number: str, country: str) -> str:
    expected = iban_country(country)
    if number[:2] != expected:
        raise ValidationError(elsewhere(number[:2], country, _("This IBAN")))
    try:
        return iban.validate(number)
    except InvalidChecksum as error:
        raise ValidationError(
            _("The check digits do not fit: a character is wrong, missing or in another's place.")
        ) from error
    except NotOne as error:
        words = _(
            "This is not an IBAN of %(country)s: some characters are too many, too few or of the wrong kind."
        )
        raise ValidationError(words % {"country": named(country)}) from error


@sensitive_variables()
def check_routing(number: str, country: str) -> str:
    try:
        return rtn.validate(number)
    except InvalidChecksum as error:
        raise ValidationError(
            _("The check digit does not fit: a digit is wrong or in another's place.")
        ) from error
    except NotOne as error:
        raise ValidationError(_("A routing number has nine digits.")) from error


@sensitive_variables()
def check_bic(number: str, country: str) -> str:
    try:
        bic.validate(number)
    except NotOne as error:
        raise ValidationError(
            _(
                "A BIC has eight or eleven characters: four letters of the bank, two of the country, two or five more."
            )
        ) from error
    if number[4:6] != country:
        raise ValidationError(elsewhere(number[4:6], country, _("This BIC")))
    return number


@sensitive_variables()
def check_account(number: str, country: str) -> str:
    if kind_in(country) != Kind.ROUTING:
        return of_length(number, 4, 34)
    if not number.isdigit():
        raise ValidationError(
            _("An account number of a bank in %(country)s has digits only.") % {"country": named(country)}
        )
    return of_length(number, 4, 17)


def elsewhere(found: str, country: str, subject: str) -> str:
    """That a number belongs to another country than the bank, with both places named."""
    place = countries.name(found)
    if not place:
        words = _("%(subject)s does not begin as one of a bank in %(country)s does.")
        return words % {"subject": subject, "country": named(country)}
    words = _("%(subject)s is of %(place)s, but the bank's country is %(country)s. Change one of them.")
    return words % {"subject": subject, "place": place, "country": named(country)}


def named(country: str) -> str:
    return countries.name(country)


CHECKS = {
    "iban": check_iban,
    "routing_number": check_routing,
    "bic": check_bic,
    "account_number": check_account,
}
