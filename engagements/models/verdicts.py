"""What the daily evaluation found: a verdict for each engagement and location, and a record of each run (ENG-7)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from incentives.models import Location

from .engagement import Engagement


class Verdict(models.Model):
    """Whether a location is eligible for an engagement, with each criterion by its code, and since when it is so.

    Lists and counts read it; whether a claim can be created is always judged anew.
    """

    engagement = models.ForeignKey(
        Engagement, on_delete=models.CASCADE, related_name="verdicts", db_index=False
    )
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="verdicts", db_index=False)
    eligible = models.BooleanField()
    criteria = models.JSONField()
    evaluated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["engagement", "location"], condition=Q(eligible=True), name="eligible_locations"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "engagement"], include=["eligible"], name="one_verdict_on_a_location"
            )
        ]

    def __str__(self) -> str:
        return f"{self.engagement}, {self.location}: {'eligible' if self.eligible else 'not eligible'}"


class Evaluation(models.Model):
    """One run over all locations; one without an end was cut off, and the next run does its work again."""

    as_of = models.DateTimeField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    judged = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def last(cls) -> "Evaluation | None":
        """The latest run that came to its end."""
        return cls.objects.filter(finished_at__isnull=False).first()
