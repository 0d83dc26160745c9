"""Rows and files that stay for more than one test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.test import override_settings

FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def files_in(folder: Path) -> dict[str, Any]:
    """A storage of files in this folder, as settings name it."""
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder, "base_url": None},
    }


@contextmanager
def lasting_rows(folder: Path) -> Iterator[None]:
    """What is made inside is there until the end, and then is gone; files lie in this folder."""
    storages = settings.STORAGES | {"default": files_in(folder)}
    current_app.conf.broker_url = "memory://"
    with override_settings(STORAGES=storages, PASSWORD_HASHERS=FAST_HASHERS), transaction.atomic():
        yield
        transaction.set_rollback(True)
