"""What every kind of test stands on: an instant, a partner with a location, a reviewer, an engagement, a customer."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase

from incentives import throttle
from mail import queue

from .browsers import Browser
from .databases import copy_of_the_tables, emptied
from .factories import EngagementFactory, LocationFactory, StaffFactory, UserFactory, give_role, make_customer
from .lasting import FAST_HASHERS, files_in, lasting_rows

LONG = (
    "/doors/",
    "/test_every_page",
    "/test_expiry",
    "/test_allowed_actions",
    "/test_every_status",
    "/journeys/",
    "/races/",
)


def pytest_collection_finish() -> None:
    """What is loaded by now stays for the whole run, so the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that at the end no process waits for another."""
    items.sort(key=lambda item: next((n for n, long in enumerate(LONG) if long in item.nodeid), len(LONG)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """Each process of the test run has a database of its own, which is there before Django looks for it."""
    copy_of_the_tables(connection.creation._get_test_db_name())


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """It goes with the server that was made for this run."""
    return True


@pytest.fixture(autouse=True, scope="session")
def quick_to_empty() -> Iterator[None]:
    """After a test that commits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda test: emptied())
        yield


@pytest.fixture(scope="module")
def lasting(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """Rows and files made under this stay for all tests of a module; each test is rolled back to them."""
    with django_db_blocker.unblock(), lasting_rows(tmp_path_factory.mktemp("media")):
        yield


@pytest.fixture(autouse=True)
def own_surroundings(request, settings, tmp_path: Path) -> Iterator[None]:
    """Files of a test go to its own folder, tasks to a queue in memory, and nobody inherits a throttle."""
    if "lasting" not in request.fixturenames:
        settings.STORAGES = settings.STORAGES | {"default": files_in(tmp_path / "media")}
    settings.PASSWORD_HASHERS = FAST_HASHERS
    current_app.conf.broker_url = "memory://"
    cache.clear()
    queue.UNANSWERED.end()
    throttle.UNANSWERED.end()
    yield


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def location(db):
    return LocationFactory()


@pytest.fixture
def partner_user(location):
    return give_role(UserFactory(partner=location.partner, full_name="Alexa Barket"), location)


@pytest.fixture
def stranger(db):
    """A person of another company with a role for a location there."""
    elsewhere = LocationFactory()
    return give_role(UserFactory(partner=elsewhere.partner), elsewhere)


@pytest.fixture
def reviewer(db):
    return StaffFactory()


@pytest.fixture
def engagement(db):
    return EngagementFactory()


@pytest.fixture
def customer(db):
    return make_customer()


@pytest.fixture
def client() -> Client:
    return Browser()


@pytest.fixture
def signed_in():
    def sign_in(user) -> Client:
        client = Browser()
        client.force_login(user)
        return client

    return sign_in
