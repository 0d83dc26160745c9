"""Proof that the clockwork runs: beat and worker leave a mark that /readyz and operators can look at."""

from datetime import datetime

from django.db import models


class Tick(models.Model):
    """When a part of the scheduled work was last seen alive; the worker's comes from beat through the queue."""

    BEAT, WORKER = "beat", "worker"
    # When the portal's data began, or its clockwork after a long silence.
    BEGINNING = "beginning"

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def leave(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})
