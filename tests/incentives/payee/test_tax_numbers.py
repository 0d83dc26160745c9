"""Tax numbers by the rules of their countries, as far as anybody has written them down (ROLE-5)."""

import pytest
from django.core.exceptions import ValidationError
from django_countries import countries
from hypothesis import given
from hypothesis import strategies as st

from incentives.payee import tax_numbers
from tests.incentives.payee.test_accounts import one_digit_off

COUNTRIES = [code for code, _name in countries]


@pytest.mark.parametrize(
    ("country", "typed", "number"),
    [
        ("US", "12-3456789", "123456789"),
        ("HU", "HU-12892312", "12892312"),
        ("HU", "12892312", "12892312"),
        ("DE", "de 136 695 976", "136695976"),
        ("IN", "27aapfu0939f1zv", "27AAPFU0939F1ZV"),
        ("IN", "ACUPA7085R", "ACUPA7085R"),
        ("MX", "MAB-930714-8T4", "MAB9307148T4"),
        ("IE", "IE 6433435OA", "6433435OA"),
        ("YE", "123 456", "123456"),
    ],
)
def test_a_right_number_is_brought_into_one_form(country, typed, number):
    assert tax_numbers.check(typed, country) == number


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("HU", one_digit_off("12892312")),
        ("HU", "136695976"),
        ("DE", "12892312"),
        ("US", "00-0123456"),
        ("US", "1234567890"),
        ("IN", "27AAPFU0939F1ZO"),
        ("YE", "123"),
        ("YE", "1" * 21),
        ("YE", "NONUMBER"),
        ("YE", "１２３４５６"),
        ("HU", ""),
        ("YE", "  "),
    ],
)
def test_a_number_that_the_country_does_not_give_out_is_refused(country, typed):
    with pytest.raises(ValidationError):
        tax_numbers.check(typed, country)


def test_the_refusal_names_the_place_and_not_the_number():
    with pytest.raises(ValidationError) as refusal:
        tax_numbers.check("12892313", "HU")
    assert refusal.value.messages == [
        "This is not a tax number of Hungary: a character is wrong, missing or in another's place."
    ]


def test_rules_are_known_for_many_countries_and_the_rest_is_told_apart():
    ruled = {code for code in COUNTRIES if tax_numbers.has_rule(code)}
    assert {"US", "HU", "IN", "BR", "SG", "ZA", "UA"} < ruled
    assert len(ruled) > 60
    assert not {"YE", "SA", "HK", "PK"} & ruled


def test_every_number_that_is_listed_besides_vat_is_one_the_library_knows():
    for country, names in tax_numbers.BESIDES_VAT.items():
        known = {module.__name__.rpartition(".")[2] for module in tax_numbers.rules_of(country)}
        assert set(names) <= known


@given(st.text(alphabet=st.characters(max_codepoint=0x2100), max_size=40), st.sampled_from(COUNTRIES))
def test_whatever_is_typed_is_taken_in_plain_letters_or_refused(typed, country):
    try:
        number = tax_numbers.check(typed, country)
    except ValidationError:
        return
    assert number.isascii() and number.isalnum()
