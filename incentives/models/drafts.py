"""What somebody typed into a wizard and did not finish: kept for 24 hours, also across lost sessions (WIZ-8)."""

import uuid
from datetime import datetime, timedelta

from django.db import models

from .people import User

KEPT_FOR = timedelta(hours=24)


class DraftQuerySet(models.QuerySet["Draft"]):
    def of(self, user: User, purpose: str, now: datetime) -> "DraftQuerySet":
        """The drafts this person can still open; anybody else's do not exist for them."""
        return self.filter(user=user, purpose=purpose, updated_at__gt=now - KEPT_FOR)


class Draft(models.Model):
    """One run through a wizard by one person; finished at most once, so a double click creates nothing twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=30)
    about = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "purpose", "-updated_at"], name="drafts_of_a_person")]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user}"
