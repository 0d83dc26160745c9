"""Rows and files that stay for more than one test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.test import override_settings


@contextmanager
def lasting_rows(folder: Path) -> Iterator[None]:
    """What is made inside is there until the end, and then is gone; files lie in this folder."""
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": folder, "base_url": None},
    }
    fast = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    current_app.conf.broker_url = "memory://"
    with (
        override_settings(STORAGES=settings.STORAGES | {"default": files}, PASSWORD_HASHERS=fast),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)
