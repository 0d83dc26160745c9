"""What was changed about people, roles, enrolment and bank details, by whom and when; nobody can rewrite it."""

from datetime import datetime
from typing import Any

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from .partners import Location, Partner
from .people import User


class AuditEntry(models.Model):
    """One change of a company's affairs in words; never holds an account number or a key (ROLE-2, ROLE-5)."""

    class Action(models.TextChoices):
        INVITED = "invited", _("Person invited")
        INVITED_AGAIN = "invited_again", _("Invitation sent again")
        WITHDRAWN = "withdrawn", _("Invitation withdrawn")
        JOINED = "joined", _("Invitation accepted")
        ROLE_GIVEN = "role_given", _("Role assigned")
        ROLE_TAKEN = "role_taken", _("Role removed")
        DEACTIVATED = "deactivated", _("Person deactivated")
        REACTIVATED = "reactivated", _("Person activated again")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        SIGNED_OUT = "signed_out", _("Signed out everywhere")
        ENROLMENT = "enrolment", _("Enrollment changed")
        BANK = "bank", _("Bank details changed")
        TAX = "tax", _("Tax details changed")
        ATTAINMENT = "attainment", _("Designation changed")
        MAIL_STOPPED = "mail_stopped", _("Mail delivery stopped")
        MAIL_GOES_ON = "mail_goes_on", _("Mail delivery goes on")
        MAIL_RETRIED = "mail_retried", _("Mail tried again")

    at = models.DateTimeField()
    action = models.CharField(max_length=20, choices=Action)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, null=True, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["partner", "-at", "-id"], name="audit_of_a_company"),
            models.Index(fields=["-at", "-id"], name="audit_of_all_companies"),
        ]
        triggers = [
            pgtrigger.Protect(name="audit_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_action_display()}"

    @classmethod
    def write(cls, action: str, *, by: User | None, now: datetime, **facts: Any) -> None:
        """Record one change in the caller's transaction; `by` is None for the portal's own jobs."""
        location = facts.get("location")
        partner = facts.pop("partner", None) or (location.partner if location else None)
        cls.objects.create(action=action, by=by, at=now, partner=partner, **facts)
