"""A role taken away, and two admins at once: nothing is saved after it, and nothing is lost (R12)."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from incentives.models import AuditEntry, Location, LocationRole, PayeeProfile
from incentives.payee import details
from incentives.roles import RoleGone, may_administer
from mail.models import Message
from tests.breadth import rounds
from tests.browsers import Browser
from tests.factories import LocationFactory, UserFactory, give_role
from tests.factories.payees import IBANS, bank
from tests.incentives.payee.conftest import ADMIN
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROUNDS = rounds(15, long=200)
# Of the database, by a form that is saved; the removal comes after each of them in turn.
QUESTIONS = 25


def admin_of(location: Location) -> Client:
    client = Browser(raise_request_exception=False)
    client.force_login(give_role(UserFactory(partner=location.partner), location, role=ADMIN))
    return client


def revision_of(location: Location) -> int:
    return PayeeProfile.objects.values_list("bank_revision", flat=True).get(location=location)


def save(client: Client, location: Location, revision: int) -> int:
    form = bank(revision=str(revision), name=f"Number {revision}")
    return client.post(f"/incentives/payee/{location.pk}/", form).status_code


def remove_role(location: Location) -> int:
    """Takes the role away; how often the details had been saved when that was committed."""
    LocationRole.objects.filter(location=location).delete()
    return revision_of(location)


def remove_role_when(reached: threading.Event, location: Location) -> int:
    assert reached.wait(timeout=20)
    return remove_role(location)


def save_telling(reached: threading.Event, after: int, *form: Any) -> int:
    """Saves, and tells when it has asked the database so many times, or is done."""
    asked = count()

    def ask(execute: Callable, *query: Any) -> Any:
        if next(asked) == after:
            reached.set()
        return execute(*query)

    with connection.execute_wrapper(ask):
        answer = save(*form)
    reached.set()
    return answer


@pytest.mark.long
def test_no_write_is_accepted_once_the_role_is_gone():
    """Rounds of a form, the removal somewhere between its questions, and one more form after both: 200 the long way."""
    location, answers = LocationFactory(), Counter()
    for number in range(ROUNDS):
        client, reached, form = admin_of(location), threading.Event(), (location, revision_of(location))

        seen, answer = at_once(
            partial(remove_role_when, reached, location),
            partial(save_telling, reached, number % QUESTIONS, client, *form),
        )

        assert save(client, location, revision_of(location)) == 404
        assert revision_of(location) == seen
        answers[answer] += 1
    assert set(answers) == {302, 404}
    assert AuditEntry.objects.count() == answers[302]


def test_control_without_the_lock_a_write_follows_the_removal(monkeypatch):
    location = LocationFactory()
    client, looked, gone = admin_of(location), threading.Event(), threading.Event()

    def look_without_holding(by, location, *, role):
        if not may_administer(by, location):
            raise RoleGone
        looked.set()
        assert gone.wait(timeout=20)

    def remove_between() -> int:
        assert looked.wait(timeout=20)
        seen = remove_role(location)
        gone.set()
        return seen

    monkeypatch.setattr(details, "hold_role", look_without_holding)

    seen, answer = at_once(remove_between, partial(save, client, location, 1))

    assert (seen, answer, revision_of(location)) == (1, 302, 2)
    assert not LocationRole.objects.exists()


def test_of_two_admins_at_once_one_is_told_that_the_other_was_faster():
    """Twenty rounds."""
    for _round in range(20):
        location = LocationFactory()
        first, second = admin_of(location), admin_of(location)

        answers = at_once(
            partial(first.post, f"/incentives/payee/{location.pk}/", bank(revision="1", name="First")),
            partial(second.post, f"/incentives/payee/{location.pk}/", bank(revision="1", name="Second")),
        )

        assert sorted(answer.status_code for answer in answers) == [302, 409]
        winner = "First" if answers[0].status_code == 302 else "Second"
        assert PayeeProfile.objects.get(location=location).bank_name == winner
        assert AuditEntry.objects.filter(location=location).count() == 1
        assert Message.objects.filter(context__location=str(location)).count() == 1


def test_the_first_details_of_a_location_entered_twice_at_once_are_kept_once():
    location = LocationFactory()
    PayeeProfile.objects.all().delete()
    browsers = [admin_of(location) for _n in range(6)]
    address = f"/incentives/payee/{location.pk}/"

    answers = at_once(*[partial(browser.post, address, bank(iban=IBANS["HU"])) for browser in browsers])

    assert {answer.status_code for answer in answers} == {302}
    assert (PayeeProfile.objects.count(), AuditEntry.objects.count()) == (1, 1)
    assert Message.objects.count() == 5
