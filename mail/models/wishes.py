"""How reminders reach people: an address at a time, because most of those who are reminded have no account."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .links import KEY_LENGTH


class ReminderWish(models.Model):
    """How an address is reminded, where somebody has chosen; every other mail reaches it whatever they chose."""

    class How(models.TextChoices):
        EACH = "each", _("Each by itself")
        DAILY = "daily", _("One email a day")
        NONE = "none", _("None")

    address = models.EmailField(max_length=254, unique=True)
    how = models.CharField(max_length=5, choices=How)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(address=Lower(F("address"))), name="reminder_wish_in_small_letters"
            ),
            models.CheckConstraint(
                condition=Q(how__in=["daily", "none"]), name="each_by_itself_needs_no_wish"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.how} since {self.since:%Y-%m-%d %H:%M}"

    @classmethod
    def choose(cls, address: str, how: str, *, now: datetime) -> None:
        """From now on this address is reminded so, whatever was chosen before."""
        wish = ReminderWish(address=address.lower(), how=how, since=now)
        if how == cls.How.EACH:
            ReminderWish.objects.filter(address=wish.address).delete()
        else:
            ReminderWish.objects.bulk_create(
                [wish], update_conflicts=True, unique_fields=["address"], update_fields=["how", "since"]
            )

    @classmethod
    def resume(cls, address: str) -> None:
        """Reminders come again, each by itself, to an address where they were stopped."""
        cls.objects.filter(address=address.lower(), how=cls.How.NONE).delete()

    @classmethod
    def of(cls, address: str) -> How:
        found = cls.objects.filter(address=address.lower()).values_list("how", flat=True).first()
        return cls.How(found or cls.How.EACH)

    @classmethod
    def among(cls, addresses: Iterable[str], how: str) -> set[str]:
        """Those of these addresses that chose this, in small letters."""
        asked = {address.lower() for address in addresses}
        return set(cls.objects.filter(address__in=asked, how=how).values_list("address", flat=True))


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
