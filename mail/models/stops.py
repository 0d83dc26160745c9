"""The switch of delivery: while its one row stands, no mail leaves the portal."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from .switches import Switch

REASON_LENGTH = 200


class Stop(Switch):
    """Who stopped delivery, when and why; what is posted meanwhile waits."""

    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="delivery_is_stopped_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by}"

    @classmethod
    def begin(cls, *, by: str, reason: str, now: datetime) -> bool:
        """Stop delivery; false where it was stopped already, whose reason stays."""
        facts = {"by": by, "reason": reason, "at": now}
        return cls.objects.get_or_create(pk=1, defaults=facts)[1]
