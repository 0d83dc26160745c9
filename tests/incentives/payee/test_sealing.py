"""Seals and their keys: what opens them, what does not, and how an older key is dropped (ROLE-5)."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.core.management import CommandError, call_command
from django.db import connection

from incentives.models import PayeeProfile
from incentives.models.payee import Part
from incentives.payee import rotation, sealing
from incentives.payee.details import owner
from tests.factories import LocationFactory, forget, make_payee
from tests.factories.payees import ACCOUNT_NUMBER, EIN, ROUTING_NUMBER
from tests.incentives.payee.conftest import new_key

pytestmark = pytest.mark.django_db
NUMBERS = {"iban": "HU42117730161111101800000000"}


def opened() -> set[tuple[str, ...]]:
    """Every number that is stored, as the keys of this instant open it."""
    return {
        tuple(sealing.unseal(getattr(profile, f"{part}_sealed"), of=owner(profile, part)).values())
        for profile in PayeeProfile.objects.all()
        for part in Part
    }


def rotate() -> str:
    said = StringIO()
    call_command("rotate_payee_keys", stdout=said)
    return said.getvalue()


def test_a_seal_opens_to_what_was_put_in_and_shows_nothing_of_it():
    sealed = sealing.seal(NUMBERS, of="bank of location 1")

    assert sealing.unseal(sealed, of="bank of location 1") == NUMBERS
    assert sealed != sealing.seal(NUMBERS, of="bank of location 1")
    assert "4211773016" not in sealed


def test_a_seal_of_one_location_cannot_be_passed_off_as_anothers():
    sealed = sealing.seal(NUMBERS, of="bank of location 1")
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed, of="bank of location 2")


@pytest.mark.parametrize(
    "spoil", [lambda sealed: sealed[:-6] + "AAAAA=", lambda sealed: "", lambda sealed: "x"]
)
def test_a_spoilt_seal_does_not_open(spoil):
    sealed = spoil(sealing.seal(NUMBERS, of="1"))
    for attempt in (lambda: sealing.unseal(sealed, of="1"), lambda: sealing.seal_anew(sealed)):
        with pytest.raises(sealing.Unreadable):
            attempt()


def test_after_a_rotation_the_older_key_can_be_dropped(settings):
    old, new = settings.PAYEE_KEYS[0], new_key()
    for _n in range(3):
        LocationFactory()
    half = LocationFactory()
    forget(Part.TAX, half)
    before = PayeeProfile.objects.exclude(location=half)

    settings.PAYEE_KEYS = [new, old]
    said = rotate()
    settings.PAYEE_KEYS = [new]

    assert "4 of 4 payee profiles were sealed anew." in said
    assert "the older keys can be dropped" in said
    assert {sealing.is_newest(profile.bank_sealed) for profile in PayeeProfile.objects.all()} == {True}
    half.payee.delete()
    assert opened() == {(ROUTING_NUMBER, ACCOUNT_NUMBER), (EIN,)}
    assert before.count() == 3


def test_control_without_a_rotation_the_older_key_is_still_needed(settings):
    LocationFactory()
    settings.PAYEE_KEYS = [new_key()]
    with pytest.raises(sealing.Unreadable):
        opened()


def test_a_rotation_changes_nothing_but_the_seals(settings):
    location = LocationFactory()
    before = PayeeProfile.objects.values().get(location=location)
    settings.PAYEE_KEYS = [new_key(), *settings.PAYEE_KEYS]
    rotate()

    after = PayeeProfile.objects.values().get(location=location)
    assert {name for name in after if after[name] != before[name]} == {"bank_sealed", "tax_sealed"}


def test_run_again_it_finds_nothing_to_do(settings):
    LocationFactory()
    settings.PAYEE_KEYS = [new_key(), *settings.PAYEE_KEYS]
    rotate()
    assert "0 of 1 payee profiles were sealed anew." in rotate()


def test_it_goes_on_where_it_was_stopped(settings, monkeypatch):
    for _n in range(5):
        LocationFactory()
    settings.PAYEE_KEYS = [new_key(), *settings.PAYEE_KEYS]
    monkeypatch.setattr(rotation, "BATCH", 2)
    assert rotation.rotate_batch(0)[1] == 2

    assert "3 of 5 payee profiles were sealed anew." in rotate()


def test_a_row_that_no_key_opens_is_named_and_holds_up_no_other(settings):
    lost, kept = LocationFactory(), LocationFactory(enrolled=False)
    kept.payee.delete()
    keys = settings.PAYEE_KEYS
    settings.PAYEE_KEYS = [new_key()]
    make_payee(kept)
    settings.PAYEE_KEYS = [new_key(), *settings.PAYEE_KEYS]

    with pytest.raises(CommandError, match="Keep the older keys for now"):
        rotate()
    done = rotation.rotate()

    assert (done.profiles, done.sealed_anew, done.unreadable) == (2, 0, [lost.partner_number])
    assert sealing.is_newest(PayeeProfile.objects.get(location=kept).tax_sealed)
    settings.PAYEE_KEYS = [*settings.PAYEE_KEYS, *keys]
    assert "1 of 2 payee profiles were sealed anew." in rotate()


@pytest.mark.parametrize("keys", [None, "", "not a key", "c2hvcnQ="])
def test_without_a_right_key_nothing_starts(keys):
    env = {name: value for name, value in os.environ.items() if name != "PAYEE_KEYS"}
    env |= {"DEMO": "0", "DJANGO_SETTINGS_MODULE": "incentives.settings"}
    env |= {} if keys is None else {"PAYEE_KEYS": keys}
    for module in ("incentives.wsgi", "incentives.celery"):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                f"import {module} as it; it.app.conf.broker_url if hasattr(it, 'app') else it",
            ],
            env=env,
            cwd=Path(installed.BASE_DIR),
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert "PAYEE_KEYS" in done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_rows_that_somebody_is_saving_are_stepped_around_and_named(settings):
    """The rotation does not wait for people, nor overwrite what they save."""
    held, free = LocationFactory(), LocationFactory()
    settings.PAYEE_KEYS = [new_key(), *settings.PAYEE_KEYS]
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM incentives_payeeprofile WHERE location_id = %s FOR UPDATE", [held.pk]
            )
        done = rotation.rotate()
        assert (done.sealed_anew, done.held, done.unreadable) == (1, [held.partner_number], [])
        other.rollback()
    finally:
        other.close()

    assert sealing.is_newest(PayeeProfile.objects.get(location=free).bank_sealed)
    assert rotation.rotate().finished
