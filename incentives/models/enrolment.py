"""Where a location stands on its way into the programme, and the terms that it agreed to."""

from datetime import date

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from .partners import Location
from .people import User

REASON_LENGTH = 200


class ProgrammeTermsQuerySet(models.QuerySet["ProgrammeTerms"]):
    def in_force(self, day: date) -> "ProgrammeTerms | None":
        """The version that a location enrolling on this day agrees to."""
        return self.filter(in_force_from__lte=day).order_by("-in_force_from").first()


class ProgrammeTerms(models.Model):
    """One version of what a location agrees to when it enrols; once published it never changes (ROLE-4)."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    in_force_from = models.DateField(_("in force from"), unique=True)
    not_offered_in = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeTermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme terms")
        verbose_name_plural = _("programme terms")
        ordering = ["-in_force_from"]
        triggers = [
            pgtrigger.Protect(name="terms_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.version}"


class Enrolment(models.Model):
    """Where a location stands, who accepted which terms for it, and what the last validation found missing (ROLE-4)."""

    class Status(models.TextChoices):
        INVITED = "invited", _("Invited")
        ACTION_REQUIRED = "action_required", _("Action required")
        VALIDATING = "validating", _("Validating enrollment")
        ENROLLED = "enrolled", _("Enrolled")
        INELIGIBLE = "ineligible", _("Ineligible")
        INACTIVE = "inactive", _("Inactive")
        DISCONTINUED = "discontinued", _("Discontinued")

    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="enrolment")
    status = models.CharField(max_length=20, choices=Status, default=Status.INVITED)
    terms = models.ForeignKey(ProgrammeTerms, null=True, blank=True, on_delete=models.PROTECT)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    missing = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    discontinued_at = models.DateTimeField(null=True, blank=True)
    discontinued_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="discontinued")
                | models.Q(discontinued_at=None, discontinued_reason=""),
                name="only_what_is_discontinued_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(terms=None, accepted_by=None, accepted_at=None)
                | models.Q(terms__isnull=False, accepted_by__isnull=False, accepted_at__isnull=False),
                name="terms_are_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.location}: {self.get_status_display()}"
