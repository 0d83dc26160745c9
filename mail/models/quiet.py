"""Who wants no more reminders: an address at a time, because most of those who are reminded have no account."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower

from .links import KEY_LENGTH


class QuietAddress(models.Model):
    """An address to which no reminder is sent; everything else still reaches it."""

    address = models.EmailField(max_length=254, unique=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address=Lower(F("address"))), name="quiet_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} since {self.since:%Y-%m-%d %H:%M}"

    @classmethod
    def stop(cls, address: str, *, now: datetime) -> None:
        """Send no more reminders there; asked twice, the first time stays."""
        QuietAddress.objects.bulk_create(
            [QuietAddress(address=address.lower(), since=now)], ignore_conflicts=True
        )

    @classmethod
    def resume(cls, address: str) -> None:
        cls.objects.filter(address=address.lower()).delete()

    @classmethod
    def among(cls, addresses: Iterable[str]) -> set[str]:
        """Those of these addresses that want no reminders, in small letters."""
        asked = {address.lower() for address in addresses}
        return set(cls.objects.filter(address__in=asked).values_list("address", flat=True))


def key_to(address: str) -> str:
    """What stands in the link with which this address stops its reminders; it opens nothing else, and never ends."""
    return derived(settings.SECRET_KEY, address)


def is_key_to(address: str, key: str) -> bool:
    """Whether this key was made for this address, with today's secret or one before it."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(derived(secret, address), key) for secret in secrets)


def derived(secret: str, address: str) -> str:
    purpose = f"stop-reminders:{address.lower()}"
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()[:KEY_LENGTH]
