"""What a change leaves behind: a record, letters to the other admins, and a state that follows from what is stored."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from incentives.models import AuditEntry, Location, PayeeProfile
from incentives.models.payee import NAME_LENGTH, Part, incomplete
from incentives.payee import sealing
from incentives.payee.details import ChangedMeanwhile, Details, keep
from incentives.roles import RoleGone
from mail.delivery import render
from mail.models import Message
from tests.factories import LocationFactory, UserFactory, forget, give_role
from tests.factories.payees import ACCOUNT_NUMBER, EIN, IBANS, ROUTING_NUMBER
from tests.incentives.payee.conftest import ADMIN, new_key

pytestmark = pytest.mark.django_db
FACTS = {"country": "HU", "name": "FridayINC Kft.", "currency": "HUF", "mask": "•••• 0000"}
HUNGARIAN = Details(Part.BANK, FACTS, {"iban": IBANS["HU"]})


def test_a_change_is_recorded_with_who_when_where_and_both_masks(location, admin, now):
    before = location.payee.described(Part.BANK)

    assert keep(location, HUNGARIAN, revision=1, by=admin, now=now)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.at) == ("bank", admin, now)
    assert (entry.location, entry.partner) == (location, location.partner)
    assert entry.before == before
    assert entry.after == PayeeProfile.objects.get(location=location).described(Part.BANK)
    assert "•••• 0000" in entry.after


def test_the_longest_facts_fit_into_the_record(location, admin, now):
    country = "GS"  # South Georgia and the South Sandwich Islands
    longest = {"country": country, "name": "W" * NAME_LENGTH, "mask": "••••\N{NO-BREAK SPACE}1234"}
    day = (now + timedelta(days=900)).date()
    tax = Details(Part.TAX, longest | {"form": "W-8BEN-E", "expires_on": day}, {"number": "1"})
    for details in (Details(Part.BANK, longest | {"currency": "USD"}, {"iban": "1"}), tax):
        assert keep(location, details, revision=1, by=admin, now=now)

    assert all("W" * NAME_LENGTH in entry.after for entry in AuditEntry.objects.all())


def test_the_other_active_incentive_admins_of_the_location_are_written_to(
    location, admin, colleague, stranger, now
):
    give_role(UserFactory(partner=location.partner, is_active=False), location, role=ADMIN)
    give_role(UserFactory(partner=location.partner), location)
    give_role(UserFactory(partner=location.partner), LocationFactory(partner=location.partner), role=ADMIN)

    keep(location, HUNGARIAN, revision=1, by=admin, now=now)

    message = Message.objects.get()
    letter = render(message)
    assert message.to == colleague.email
    assert letter.subject == f"Bank details of {location} were changed"
    for text in (letter.text, letter.html):
        assert f"({admin.email}) saved them on {now:%Y-%m-%d %H:%M} UTC" in text
        assert "Beneficiary name: FridayINC Kft.; Account: •••• 0000" in text
        assert "Beneficiary name: Partner Inc." in text
        assert f"/incentives/payee/{location.pk}/" in text
        assert "If not: open the page, enter the right details again" in text


def test_a_first_entry_says_that_nothing_was_stored(unknown, admin, colleague, now):
    keep(unknown, HUNGARIAN, revision=0, by=admin, now=now)

    assert "Before: nothing was stored" in render(Message.objects.get()).text


def test_nobody_but_an_incentive_admin_changes_anything(location, admin, partner_user, stranger, now):
    gone = give_role(UserFactory(partner=location.partner, is_active=False), location, role=ADMIN)
    for person in (partner_user, stranger, gone):
        with pytest.raises(RoleGone):
            keep(location, HUNGARIAN, revision=1, by=person, now=now)
    assert (AuditEntry.objects.count(), location.payee.bank_revision) == (0, 1)


def test_a_stale_revision_is_refused(location, admin, now):
    with pytest.raises(ChangedMeanwhile):
        keep(location, HUNGARIAN, revision=0, by=admin, now=now)


def test_another_number_behind_the_same_mask_is_another_account(location, admin, now):
    kept = keep(location, HUNGARIAN, revision=1, by=admin, now=now)
    other = Details(Part.BANK, FACTS, {"iban": "HU00"})

    assert (kept, keep(location, other, revision=2, by=admin, now=now)) == (True, True)
    assert not keep(location, other, revision=2, by=admin, now=now)


def test_details_whose_key_is_lost_can_be_entered_again(location, admin, now, settings):
    settings.PAYEE_KEYS = [new_key()]
    where = {"country": "US", "name": "Partner Inc.", "currency": "USD", "mask": location.payee.bank_mask}
    same = Details(Part.BANK, where, {"routing_number": ROUTING_NUMBER, "account_number": ACCOUNT_NUMBER})

    assert keep(location, same, revision=1, by=admin, now=now)
    profile = PayeeProfile.objects.get(location=location)
    assert sealing.unseal(profile.bank_sealed, of=f"bank of location {location.pk}") == same.numbers


@pytest.mark.parametrize("name", ["bank_mask", "bank_sealed", "tax_name", "tax_sealed", "bank_country"])
def test_the_database_keeps_halves_whole(location, name):
    with pytest.raises(IntegrityError, match="details_are_whole"), transaction.atomic():
        PayeeProfile.objects.update(**{name: ""})


@pytest.mark.parametrize("name", ["bank_complete", "tax_complete"])
def test_nobody_can_call_a_half_complete_that_is_not(location, name):
    forget(Part.BANK)
    forget(Part.TAX)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE incentives_payeeprofile SET {name} = true")  # noqa: S608


def test_numbers_are_in_no_word_about_details(location):
    assert EIN not in repr(Details(Part.TAX, {}, {"number": EIN}))


class BothLaws(TestCase):
    """The question asked of a profile and the one asked of the database have one answer."""

    @settings(max_examples=60, deadline=None)
    @given(bank=st.booleans(), tax=st.booleans(), days=st.none() | st.integers(-2, 2), missing=st.booleans())
    def test_python_and_database_agree_on_what_is_complete(self, bank, tax, days, missing):
        now = datetime.now(UTC)
        location = LocationFactory()
        day = None if days is None else (now + timedelta(days=days)).date()
        PayeeProfile.objects.update(tax_expires_on=day)
        if not bank:
            forget(Part.BANK)
        if not tax:
            forget(Part.TAX)
        if missing:
            PayeeProfile.objects.all().delete()
        complete = bank and tax and not missing and (days is None or days > 0)

        location = Location.objects.select_related("payee").get(pk=location.pk)

        assert location.is_payable(now) == complete
        assert Location.objects.filter(incomplete(now, of="payee__")).exists() != complete
        assert PayeeProfile.objects.filter(~incomplete(now)).exists() == complete
