"""Which reminders have left: each at most once (DL-5)."""

from django.db import models

from .claim import Claim


class Reminder(models.Model):
    """One reminder of one deadline of one claim, so many days before it."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE)
    deadline = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "deadline", "days"], name="a_reminder_leaves_once")
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.days} days before {self.deadline:%Y-%m-%d}"
