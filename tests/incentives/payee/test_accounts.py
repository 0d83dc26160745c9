"""Which numbers name an account in each country, and which of those typed can be one (ROLE-5, I10)."""

import pytest
from django.core.exceptions import ValidationError
from django_countries import countries
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from incentives.payee import accounts
from incentives.payee.accounts import Kind
from incentives.payee.numbers import mask
from tests.factories.payees import IBANS, ROUTING_NUMBER


def refused(name: str, typed: str, country: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        accounts.check(name, typed, country)
    return refusal.value.messages[0]


@pytest.mark.parametrize("country", IBANS)
def test_the_examples_of_the_registry_are_taken_and_brought_into_one_form(country):
    number = IBANS[country]
    assert accounts.check("iban", number, country) == number
    assert accounts.check("iban", iban.format(number).lower(), country) == number
    assert accounts.check("iban", f"  {number[:4]}-{number[4:]}\N{NO-BREAK SPACE} ", country) == number


def one_digit_off(number: str) -> str:
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


@pytest.mark.parametrize("country", ["DE", "GB", "HU", "IE", "SA"])
def test_one_wrong_digit_is_found(country):
    assert "check digits do not fit" in refused("iban", one_digit_off(IBANS[country]), country)


@pytest.mark.parametrize("cut", [IBANS["HU"][:-1], IBANS["HU"] + "0", "HU42", "HU"])
def test_an_iban_that_is_too_short_or_too_long_is_refused(cut):
    assert refused("iban", cut, "HU")


def test_the_right_check_digits_do_not_make_up_for_a_wrong_length():
    short = f"HU{iban.calc_check_digits('HU00117730161111101800')}117730161111101800"
    assert refused("iban", short, "HU").startswith("This is not an IBAN of Hungary")


def test_an_iban_of_another_country_is_refused_with_both_places_named():
    assert refused("iban", IBANS["DE"], "HU") == (
        "This IBAN is of Germany, but the bank's country is Hungary. Change one of them."
    )
    assert refused("iban", "ZZ42117730161111101800000000", "HU") == (
        "This IBAN does not begin as one of a bank in Hungary does."
    )


@pytest.mark.parametrize(("place", "lender"), [("GG", "GB"), ("RE", "FR")])
def test_places_without_ibans_of_their_own_use_their_lenders(place, lender):
    assert accounts.check("iban", IBANS[lender], place) == IBANS[lender]


@pytest.mark.parametrize(
    ("name", "country"), [("iban", "HU"), ("routing_number", "US"), ("account_number", "US"), ("bic", "JP")]
)
@pytest.mark.parametrize(
    "typed",
    ["ＨＵ４２", "１１１００００２５", "٣٤٥٦٧", "1e309", "NaN", "-0", "12,345", "HU42 ß", "<b>", "", " - "],
)
def test_nothing_but_plain_letters_and_digits_passes(name, country, typed):
    assert refused(name, typed, country)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("111000026", "check digit does not fit"),
        ("11100002", "nine digits"),
        ("1110000250", "nine digits"),
        ("11100002B", "nine digits"),
    ],
)
def test_a_wrong_routing_number_is_refused(typed, says):
    assert says in refused("routing_number", typed, "US")
    assert accounts.check("routing_number", "1110 0002 5", "US") == ROUTING_NUMBER


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("EXAMJPJ", "eight or eleven"),
        ("EXAMJPJTXX", "eight or eleven"),
        ("EXAM1PJT", "eight or eleven"),
        ("EXAMINBB", "of India, but the bank's country is Japan"),
    ],
)
def test_a_wrong_bic_is_refused(typed, says):
    assert says in refused("bic", typed, "JP")
    assert accounts.check("bic", "exam jp jt", "JP") == "EXAMJPJT"


@pytest.mark.parametrize(
    ("country", "typed", "says"),
    [
        ("US", "12345678901234567890", "4 to 17 characters, and has 20"),
        ("US", "GB12345678", "digits only"),
        ("JP", "123", "4 to 34 characters, and has 3"),
        ("JP", "1" * 35, "4 to 34 characters, and has 35"),
        ("JP", "ABCDEF", "at least one digit"),
    ],
)
def test_an_account_number_without_a_rule_has_a_sane_length_and_digits(country, typed, says):
    assert says in refused("account_number", typed, country)


def test_every_country_has_one_kind_of_account():
    kinds = {code: accounts.kind_in(code) for code, _name in countries}
    assert {code: kinds[code] for code in ("HU", "US", "PR", "JP", "JE", "IN", "BR")} == {
        "HU": Kind.IBAN,
        "US": Kind.ROUTING,
        "PR": Kind.ROUTING,
        "JP": Kind.BIC,
        "JE": Kind.IBAN,
        "IN": Kind.BIC,
        "BR": Kind.IBAN,
    }


@given(st.text(max_size=60), st.sampled_from([code for code, _name in countries]))
def test_whatever_is_typed_is_taken_or_refused_and_never_told_back(typed, country):
    for name in accounts.NUMBERS[accounts.kind_in(country)]:
        try:
            number = accounts.check(name, typed, country)
        except ValidationError as refusal:
            # A word alone may stand in what is said of every number.
            assert len(typed) < 5 or typed.isalpha() or typed not in refusal.messages[0]
        else:
            assert number.isascii() and number.isalnum() and number == number.upper()


@pytest.mark.parametrize(
    ("number", "shown"),
    [("HU42117730161111101800000000", "0000"), ("123456789", "789"), ("1234", "4"), ("12", "2")],
)
def test_a_mask_shows_four_characters_at_most_and_never_more_than_a_third(number, shown):
    assert mask(number) == f"••••\N{NO-BREAK SPACE}{shown}"
