"""What holds for the whole portal, or does not: a row that stands as long as it holds."""

from typing import Self

from django.db import models


class Switch(models.Model):
    """At most one row of each kind; a constraint of the kind's own sees to it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    class Meta:
        abstract = True

    @classmethod
    def in_force(cls) -> Self | None:
        return cls._default_manager.first()

    @classmethod
    def end(cls) -> bool:
        """Let it hold no more; false where it did not."""
        return cls._default_manager.all().delete()[0] > 0
