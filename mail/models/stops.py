"""The switch of delivery: while its one row stands, no mail leaves the portal."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

REASON_LENGTH = 200


class Stop(models.Model):
    """Who stopped delivery, when and why; what is posted meanwhile waits."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="delivery_is_stopped_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by}"

    @classmethod
    def in_force(cls) -> Self | None:
        return cls.objects.first()

    @classmethod
    def begin(cls, *, by: str, reason: str, now: datetime) -> bool:
        """Stop delivery; false where it was stopped already, whose reason stays."""
        facts = {"by": by, "reason": reason, "at": now}
        return cls.objects.get_or_create(pk=1, defaults=facts)[1]

    @classmethod
    def end(cls) -> bool:
        """Let mail leave again; false where nothing was stopped."""
        return cls.objects.all().delete()[0] > 0
