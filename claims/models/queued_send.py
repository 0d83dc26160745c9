"""Mails that were asked for too early, and wait for the first instant at which they may leave (CON-2, SUR-2, SUR-3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incentives.models import User

from .claim import Claim


class QueuedSend(models.Model):
    """One mail of a kind about a claim: who asked for it, and from when on the scheduled job may release it."""

    class Kind(models.TextChoices):
        CONSENT_REQUEST = "consent_request", _("Consent email")
        CUSTOMER_SURVEY = "customer_survey", _("Customer survey email")
        PARTNER_SURVEY = "partner_survey", _("Partner survey email")

    # The constraint's index begins with it.
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="queued_sends", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    send_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "kind"], name="one_queued_send_per_claim_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_kind_display()}, {self.send_at:%Y-%m-%d %H:%M:%S}"
