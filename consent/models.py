"""The customer's answers: one per claim and link, kept as given (CON-4, CON-5)."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from mail.models import Link


class ConsentAnswer(models.Model):
    """What the customer answered to which text; the reason of a No is for the vendor only, never for a partner."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")

    class Reason(models.TextChoices):
        UNKNOWN_PARTNER = "unknown_partner", _("Partner is unknown")
        NOT_THIS_PARTNER = "not_this_partner", _("Don't wish to work with partner")
        NOT_THIS_ENGAGEMENT = "not_this_engagement", _("Don't wish to do the engagement")
        OTHER = "other", _("Other")

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="consent_answer")
    link = models.OneToOneField(Link, on_delete=models.PROTECT, related_name="consent_answer")
    answer = models.CharField(max_length=3, choices=Answer)
    decline_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    decline_text = models.TextField(max_length=1000, blank=True)
    text_version = models.CharField(max_length=10)
    text_shown = models.TextField()
    at = models.DateTimeField()
    place = models.GenericIPAddressField(null=True, help_text=_("The IP address that the answer came from."))
    browser = models.CharField(max_length=300, blank=True, help_text=_("What the browser calls itself."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="yes", decline_reason="", decline_text="")
                | Q(answer="no") & ~Q(decline_reason=""),
                name="a_no_has_a_reason_and_a_yes_has_none",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="answers_are_kept_as_given", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_answer_display()}"
