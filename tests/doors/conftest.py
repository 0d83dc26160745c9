from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from tests.lasting import lasting_rows

from .filled_forms import FilledForm, deeds, filled_forms
from .scene import Scene, make_scene

HERE = Path(__file__).parent
# The long ones, whose tests need not stay together.
SHARED_OUT = {"test_who_gets_in", "test_hostile_input", "test_bad_forms"}
HANDS = 4


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each process of the test run takes a part of the doors at once, and makes the scene once."""
    ours = sorted((item for item in items if item.path.parent == HERE), key=lambda item: item.nodeid)
    parts = [item.nodeid if item.path.stem in SHARED_OUT else item.path.stem for item in ours]
    hands = {part: number % HANDS for number, part in enumerate(dict.fromkeys(parts))}
    for item, part in zip(ours, parts, strict=True):
        item.add_marker(pytest.mark.xdist_group(f"doors {hands[part]}"))


@pytest.fixture(scope="package")
def first_scene(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Scene]:
    with django_db_blocker.unblock(), lasting_rows(tmp_path_factory.mktemp("media")):
        yield make_scene(datetime.now(UTC))


@pytest.fixture(scope="module")
def lasting(first_scene) -> Iterator[None]:
    """Rows made under this stay for all tests of a module; each test is rolled back to them."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def scene(first_scene, lasting) -> Scene:
    """The scene that all modules begin with, whatever the last one made of it."""
    return deepcopy(first_scene)


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
