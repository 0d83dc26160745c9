"""Designations and specializations, and which location holds which, from one day to another (ENG-7)."""

from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incentives.models import Location


@pghistory.track()
class Designation(models.Model):
    """What a location can attain and an engagement can ask for; its code is what catalogue files say."""

    class Kind(models.TextChoices):
        DESIGNATION = "designation", gettext_lazy("Designation")
        SPECIALIZATION = "specialization", gettext_lazy("Specialization")

    code = models.CharField(max_length=100, primary_key=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        if self.kind == self.Kind.SPECIALIZATION:
            return _("Specialization: %(name)s") % {"name": self.name}
        return self.name


class AttainmentQuerySet(models.QuerySet["Attainment"]):
    def held_on(self, day: date) -> "AttainmentQuerySet":
        return self.filter(Q(expires_on=None) | Q(expires_on__gt=day), held_from__lte=day)


class Attainment(models.Model):
    """A designation of a location; `expires_on` is the first day on which it is no longer held."""

    location = models.ForeignKey(
        Location, verbose_name=gettext_lazy("location"), on_delete=models.CASCADE, related_name="attainments"
    )
    designation = models.ForeignKey(
        Designation,
        verbose_name=gettext_lazy("designation"),
        on_delete=models.PROTECT,
        related_name="attainments",
    )
    held_from = models.DateField(gettext_lazy("held from"))
    expires_on = models.DateField(gettext_lazy("expires on"), null=True, blank=True)

    objects = AttainmentQuerySet.as_manager()

    class Meta:
        ordering = ["location", "designation"]
        constraints = [
            models.UniqueConstraint(fields=["location", "designation"], name="a_designation_is_held_once"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("held_from")),
                name="an_attainment_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.location}: {self.designation}"

    def is_held_on(self, day: date) -> bool:
        return self.held_from <= day and (self.expires_on is None or day < self.expires_on)
