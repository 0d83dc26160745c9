"""The mail server is out of reach: one mail tries it each minute, and every other waits without being charged."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from .switches import Switch

PAUSE = timedelta(minutes=1)
WORDS_KEPT = 500


class Outage(Switch):
    """Since when the server is out of reach, what was heard of it last, and from when on a mail may try it again."""

    since = models.DateTimeField()
    next_probe_at = models.DateTimeField()
    answer = models.CharField(max_length=WORDS_KEPT, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_mail_server")]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} {self.answer}"

    @classmethod
    def note(cls, answer: str, *, now: datetime) -> None:
        """The server was not reached at this instant; the first such instant stays the beginning."""
        row = Outage(since=now, next_probe_at=now + PAUSE, answer=answer[:WORDS_KEPT])
        Outage.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["id"], update_fields=["next_probe_at", "answer"]
        )

    @classmethod
    def may_probe(cls, *, now: datetime) -> bool:
        """Whether the caller is the one who tries the server now; true for one caller in each pause."""
        return cls.objects.filter(next_probe_at__lte=now).update(next_probe_at=now + PAUSE) == 1
