"""The outbox: every mail is a row first, written in the transaction of the deed it tells of."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import Link


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime) -> "MessageQuerySet":
        return self.filter(state=Message.State.QUEUED, next_attempt_at__lte=now)

    def stranded(self, now: datetime) -> "MessageQuerySet":
        return self.filter(state=Message.State.SENDING, lease_until__lte=now)


class Message(models.Model):
    """One mail to one person; its text is rendered at delivery, so no link key is ever stored."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    kind = models.CharField(max_length=40)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=400)
    context = models.JSONField(default=dict)
    link = models.ForeignKey(Link, null=True, on_delete=models.PROTECT)
    about = models.BigIntegerField(null=True, help_text=_("The Claim ID this mail is about."))
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 (no key, no duplicate)
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True, help_text=_("What the mail server said last."))

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="mail_due"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="mail_in_flight"),
            models.Index(fields=["about", "kind", "-created_at"], name="mail_about"),
            models.Index(fields=["-created_at"], name="mail_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    RETRY_AFTER = [timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240)]
    GIVE_UP_AFTER = timedelta(hours=72)

    def retry_at(self, now: datetime) -> datetime | None:
        """When to try again after a passing failure, or None once 72 hours have gone by."""
        if now - self.created_at >= self.GIVE_UP_AFTER:
            return None
        return now + self.RETRY_AFTER[min(self.attempts, len(self.RETRY_AFTER)) - 1]
