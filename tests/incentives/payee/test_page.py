"""Update bank and tax details: who sees it, what it takes and refuses, and what it says (ROLE-5)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import AuditEntry, LocationRole, PayeeProfile
from mail.models import Message
from tests.factories import LocationFactory, UserFactory, give_role
from tests.factories.payees import IBANS, ROUTING_NUMBER, bank, tax
from tests.pages import table, words

pytestmark = pytest.mark.django_db
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture
def client(signed_in, admin):
    return signed_in(admin)


def stored() -> list[dict]:
    return list(PayeeProfile.objects.order_by("pk").values())


def test_an_incentive_admin_fills_both_forms_and_the_profile_is_complete(client, unknown, address, now):
    assert "Bank and tax details incomplete" in words(client.get(address))

    answers = [client.post(address, form, follow=True) for form in (bank(), tax(expires_on="2999-12-31"))]

    assert "Bank details saved." in words(answers[0])
    assert "Tax details saved." in words(answers[1])
    assert "This location can be paid." in words(answers[1])
    profile = PayeeProfile.objects.get(location=unknown)
    assert profile.is_complete(now)
    assert profile.described("bank") == (
        f"Bank country/region: Hungary; Beneficiary name: FridayINC Kft.; Account: ••••{SPACE}0000;"
        " Payment currency: HUF"
    )
    assert profile.described("tax") == (
        f"Tax country/region: Hungary; Legal name: FridayINC Kft.; Tax number: ••••{SPACE}12;"
        " Tax form: W-8BEN-E; Expiration date: Dec 31, 2999"
    )


def test_each_half_is_saved_on_its_own(client, unknown, address, now):
    client.post(address, tax())

    profile = PayeeProfile.objects.get(location=unknown)
    assert (profile.bank_complete, profile.tax_complete, profile.is_complete(now)) == (False, True, False)
    assert (profile.bank_revision, profile.tax_revision) == (0, 1)


@pytest.mark.parametrize(
    "typed",
    [
        bank(country="US", routing_number=ROUTING_NUMBER, account_number="12345678", iban="", currency="USD"),
        bank(country="JP", bic="EXAMJPJT", account_number="1234567", iban="", currency="JPY"),
    ],
)
def test_other_countries_name_an_account_by_other_numbers(client, unknown, address, typed):
    """What was typed into a field that this country does not use is left out."""
    response = client.post(address, typed | {"iban": IBANS["HU"]})

    assert response.status_code == 302
    assert PayeeProfile.objects.get().bank_mask == f"••••{SPACE}{'78' if typed['country'] == 'US' else '67'}"


REFUSED = {
    "an IBAN of another country": (bank(iban=IBANS["DE"]), "iban", "This IBAN is of Germany"),
    "an IBAN with a wrong digit": (bank(iban=IBANS["HU"][:-1] + "1"), "iban", "check digits do not fit"),
    "no IBAN": (bank(iban=""), "iban", "needed for a bank in Hungary"),
    "no routing number": (
        bank(country="US", account_number="12345678"),
        "routing_number",
        "needed for a bank in United States",
    ),
    "a country that is none": (bank(country="XX"), "country", "Select a valid choice"),
    "no beneficiary": (bank(name=" "), "name", "This field is required"),
    "a number for a name": (bank(name="HU42 1177 3016 1111"), "name", "This looks like a number"),
    "a currency nobody is paid in": (bank(currency="XAU"), "currency", "Select a valid choice"),
    "a NUL": (bank(iban=IBANS["HU"] + "\0"), "iban", "Null characters are not allowed"),
    "ten thousand characters": (bank(iban="9" * 10_000), "iban", "at most 60 characters"),
    "digits of another width": (bank(iban="ＨＵ４２１１７７"), "iban", "letters A to Z"),
    "a tax number of another country": (tax(number="DE136695976"), "number", "not a tax number of Hungary"),
    "no tax number": (tax(number=""), "number", "Type the number"),
    "a form for others": (tax(form="W-9"), "form", "Form W-9 is for payees of the United States"),
    "an expired form": (tax(expires_on="2020-01-01"), "expires_on", "This form has expired"),
    "a day that is none": (tax(expires_on="2027-02-30"), "expires_on", "Enter a valid date"),
    "a date with a comma": (tax(expires_on="1,000"), "expires_on", "Enter a valid date"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(client, unknown, address, case):
    typed, field, says = REFUSED[case]

    response = client.post(address, typed)

    form = next(half.form for half in response.context["halves"] if half.form.part == typed["part"])
    assert (response.status_code, [*form.errors]) == (422, [field])
    assert says in form.errors[field][0]
    assert says in words(response)
    assert (stored(), AuditEntry.objects.count(), Message.objects.count()) == ([], 0, 0)


def test_a_form_expires_on_its_day_in_utc(client, unknown, address, now):
    today, tomorrow = now.date(), now.date() + timedelta(days=1)

    assert client.post(address, tax(expires_on=today)).status_code == 422
    assert client.post(address, tax(expires_on=tomorrow)).status_code == 302
    profile = PayeeProfile.objects.get()
    assert [profile.holds("tax", now + timedelta(days=days)) for days in (0, 1)] == [True, False]


def test_what_was_typed_wrong_is_shown_again_in_that_answer_alone(client, address):
    wrong = IBANS["HU"][:-1] + "1"

    refused = client.post(address, bank(iban=wrong))

    assert wrong in refused.content.decode()
    assert "no-store" in refused.headers["Cache-Control"]
    assert wrong not in client.get(address).content.decode()
    assert wrong not in str(dict(client.session))


def test_fields_for_numbers_are_empty_and_ask_the_browser_to_keep_nothing(client, address):
    forms = [half.form for half in client.get(address).context["halves"]]
    fields = {name: form[name] for form in forms for name in form.typed_numbers}

    assert {*fields} == {"iban", "routing_number", "bic", "account_number", "number"}
    for field in fields.values():
        assert field.value() is None
        assert 'autocomplete="off"' in str(field)


@pytest.mark.parametrize("revision", ["0", "2", "", "x", "1.0", "٣", "-1", "9" * 30])
def test_a_stale_form_is_refused_and_shows_what_is_stored_now(client, address, revision):
    before = stored()

    response = client.post(address, bank(revision=revision))

    assert response.status_code == 409
    assert "Somebody changed these details meanwhile" in words(response)
    assert IBANS["HU"] not in response.content.decode()
    assert stored() == before


def test_two_admins_who_change_different_halves_do_not_stand_in_each_others_way(client, address):
    assert client.post(address, bank(revision="1")).status_code == 302
    assert client.post(address, tax(revision="1")).status_code == 302


def test_a_form_sent_twice_changes_records_and_tells_once(client, colleague, address):
    first = client.post(address, bank(revision="1"))
    again = client.post(address, bank(revision="1"), follow=True)

    assert first.status_code == 302
    assert "nothing to change, exactly these are stored already" in words(again)
    assert (AuditEntry.objects.count(), Message.objects.count()) == (1, 1)
    assert PayeeProfile.objects.get().bank_revision == 2


@pytest.mark.parametrize("part", ["", "both", "BANK", "bank\0"])
def test_a_half_that_does_not_exist_is_not_found(client, address, part):
    assert client.post(address, bank(part=part, revision="1")).status_code == 404


def test_other_fields_change_nothing(client, address, location, stranger):
    """Mass assignment (A07)."""
    elsewhere = stranger.location_roles.get().location
    untouched = PayeeProfile.objects.filter(location=elsewhere).values().get()
    extra = {
        "location": elsewhere.pk,
        "location_id": elsewhere.pk,
        "id": "1",
        "bank_complete": "",
        "tax_complete": "",
        "tax_country": "FR",
        "bank_mask": "•••• 9999",
        "mask": "•••• 9999",
        "bank_sealed": "x",
        "sealed": "x",
        "bank_revision": "99",
        "number": "HU12892312",
        "expires_on": "2999-01-01",
        "status": "complete",
        "role": "incentive_admin",
        "is_staff": "1",
        "partner": "1",
        "created_by": "1",
        "by": "1",
        "at": "2000-01-01",
    }
    before = PayeeProfile.objects.filter(location=location).values().get()

    assert client.post(address, bank(revision="1") | extra).status_code == 302

    after = PayeeProfile.objects.filter(location=location).values().get()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "bank_country",
        "bank_name",
        "bank_mask",
        "bank_currency",
        "bank_sealed",
        "bank_revision",
    }
    assert (after["bank_mask"], after["bank_revision"]) == (f"••••{SPACE}0000", 2)
    assert PayeeProfile.objects.filter(location=elsewhere).values().get() == untouched
    assert not LocationRole.objects.filter(user__is_active=False).exists()


def test_an_incentive_user_learns_who_can_do_it_and_nothing_else(signed_in, partner_user, admin, address):
    client = signed_in(partner_user)
    before = stored()

    shown, sent = client.get(address), client.post(address, bank(revision="1"))

    for response in (shown, sent):
        assert response.status_code == 403
        assert "Only Incentive Admins see and change bank and tax details" in words(response)
        assert "Incentive Admins who can do this: Priya Kaur" in words(response)
        assert "••••" not in words(response)
    assert stored() == before


def test_for_everybody_else_it_does_not_exist(signed_in, client, location, stranger, reviewer, address):
    beside = LocationFactory(partner=location.partner)
    neighbour = give_role(UserFactory(partner=location.partner), beside, role=LocationRole.Role.ADMIN)
    roleless = UserFactory(partner=location.partner)
    before = stored()

    for person in (stranger, neighbour, roleless, reviewer):
        browser = signed_in(person)
        assert browser.get(address).status_code == 404
        assert browser.post(address, bank(revision="1")).status_code == 404
    assert stored() == before


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40, "x"])
def test_a_location_that_does_not_exist_is_not_found(client, number):
    assert client.get(f"/incentives/payee/{number}/").status_code == 404


def test_changes_are_listed_newest_first_by_their_masks(client, unknown, address):
    client.post(address, bank())
    client.post(address, bank(revision="1", country="DE", iban=IBANS["DE"], currency="EUR"))

    newest, oldest = table(client.get(address))

    facts = (
        "Bank country/region: {}; Beneficiary name: FridayINC Kft.; Account: •••• {}; Payment currency: {}"
    )
    german, hungarian = facts.format("Germany", "3000", "EUR"), facts.format("Hungary", "0000", "HUF")
    assert (newest[0], newest[2:]) == ("Bank details changed", ["Priya Kaur", hungarian, german])
    assert (oldest[0], oldest[2:]) == ("Bank details changed", ["Priya Kaur", "–", hungarian])


def test_changes_of_other_locations_are_not_listed(client, address, location, admin, signed_in):
    beside = LocationFactory(partner=location.partner)
    give_role(admin, beside, role=LocationRole.Role.ADMIN)
    client.post(f"/incentives/payee/{beside.pk}/", bank(revision="1"))

    assert table(client.get(address)) == []
    assert len(table(client.get(f"/incentives/payee/{beside.pk}/"))) == 1


def test_queries_do_not_grow_with_changes(client, address):
    def queries(rows: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(table(client.get(address))) == rows
        return len(seen)

    client.post(address, bank(revision="1"))
    few = queries(1)
    for n in range(11):
        client.post(address, bank(revision=str(n + 2), name=f"FridayINC {'A' * (n + 1)} Kft."))

    assert queries(10) == few
    assert len(table(client.get(f"{address}?page=2"))) == 2
    assert client.get(f"{address}?page=3").status_code == 404


@pytest.mark.parametrize(
    ("country", "says"),
    [("YE", "plain"), ("HU", "ruled")],
)
def test_the_page_says_where_no_rule_is_known(client, address, country, says):
    """The option of each country carries what the page shows beside the field."""
    content = client.get(address).content.decode()
    assert "No rule is known for tax numbers of this country/region" in content
    assert f'<option value="{country}" data-kind="{says}"' in content
