from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings as installed
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from .filled_forms import FilledForm, deeds, filled_forms
from .scene import Scene, make_scene

HERE = Path(__file__).parent
# The long ones, which each process of the test run takes a part of.
SHARED_OUT = {"test_who_gets_in", "test_hostile_input", "test_bad_forms"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module stays on one process, which makes its scene once."""
    for item in items:
        if item.path.parent == HERE and item.path.stem not in SHARED_OUT:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def lasting(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """Rows and files made under this stay for all tests of a module; each test is rolled back to them."""
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path_factory.mktemp("media"), "base_url": None},
    }
    fast = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    surroundings = override_settings(STORAGES=installed.STORAGES | {"default": files}, PASSWORD_HASHERS=fast)
    current_app.conf.broker_url = "memory://"
    with django_db_blocker.unblock(), surroundings, transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def scene(lasting) -> Scene:
    return make_scene(datetime.now(UTC))


@pytest.fixture(scope="module")
def forms(scene) -> dict[str, FilledForm]:
    return filled_forms(scene)


@pytest.fixture(scope="module")
def distinct_forms(forms) -> dict[str, FilledForm]:
    """Every form once: a record of the catalogue is changed in the form in which it was added."""
    return {
        name: form
        for name, form in forms.items()
        if not name.startswith("change ") or f"add {name[7:]}" not in forms
    }


@pytest.fixture(scope="module")
def buttons(scene) -> dict[str, FilledForm]:
    return deeds(scene)


@pytest.fixture(autouse=True)
def own_surroundings() -> None:
    """In place of a folder per test: the files of the scene must be found. Nobody inherits a throttle."""
    cache.clear()
