"""Proof-of-execution files: stored under a random name outside the web root, served only through a permission check."""

from django.db import models
from django.db.models import Q

from incentives.models import User
from incentives.uploads import random_name

from .claim import Claim, Slot


def storage_name(document: "Document", name: str) -> str:
    """A name that nobody can guess and that says nothing about the customer."""
    return random_name("claims")


class DocumentQuerySet(models.QuerySet["Document"]):
    def current(self) -> "DocumentQuerySet":
        return self.filter(removed_at=None)


class Document(models.Model):
    """One uploaded file in one slot of one claim; it can be removed, never moved to another claim (POE-6)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="documents")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="documents")
    file = models.FileField(upload_to=storage_name, max_length=100)
    name = models.CharField(max_length=200)
    extension = models.CharField(max_length=5)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    form_key = models.UUIDField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(fields=["claim"], condition=Q(removed_at=None), name="documents_of_a_claim")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "form_key", "sha256"], name="an_upload_form_is_saved_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
