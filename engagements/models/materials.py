"""What partners download for an engagement: templates of its proof of execution, and delivery material, in versions."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incentives.models import User
from incentives.uploads import random_name

from .engagement import Engagement


def storage_name(version: "MaterialVersion", name: str) -> str:
    return random_name("materials")


class Material(models.Model):
    """The template of one evidence slot, or a piece of delivery material; its files are its versions (ENG-4)."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="materials")
    slot = models.SlugField(
        max_length=40, blank=True, help_text=_("Code of the evidence slot; empty for delivery material.")
    )
    title = models.CharField(max_length=120)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = _("templates and material")
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "slot"], condition=~Q(slot=""), name="a_slot_has_one_template"
            ),
            models.UniqueConstraint(
                "engagement", Lower("title"), condition=Q(slot=""), name="delivery_material_has_its_own_title"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kind(self) -> str | Promise:
        return _("POE template") if self.slot else _("Delivery material")

    def in_effect(self, moment: datetime) -> "MaterialVersion | None":
        """The version that counts at this instant: of those that have taken effect, the one uploaded last (DL-7)."""
        begun = [version for version in self.versions.all() if version.effective_at <= moment]
        return max(begun, key=lambda version: version.number, default=None)

    def to_come(self, moment: datetime) -> "MaterialVersion | None":
        """The next version that will take effect; one that is replaced before its day never does."""
        later = [version for version in self.versions.all() if version.effective_at > moment]
        kept = [version for version in later if self.in_effect(version.effective_at) == version]
        return min(kept, key=lambda version: version.effective_at, default=None)


class MaterialVersion(models.Model):
    """One file of a material, numbered from 1; kept for good, for audit and for claims submitted under it (DL-7)."""

    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    effective_at = models.DateTimeField()
    changes = models.CharField(max_length=300, blank=True)
    file = models.FileField(upload_to=storage_name, max_length=100)
    name = models.CharField(max_length=200)
    extension = models.CharField(max_length=5)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    form_key = models.UUIDField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["material", "number"], name="a_version_has_its_own_number"),
            models.UniqueConstraint(fields=["material", "form_key"], name="a_version_form_is_saved_once"),
            models.CheckConstraint(
                condition=Q(effective_at__gte=models.F("uploaded_at")),
                name="no_version_takes_effect_before_it_is_there",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="versions_are_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return _("%(title)s, version %(number)s") % {"title": self.material.title, "number": self.number}
