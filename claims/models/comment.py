"""The conversation of a claim between partner and vendor, newest first (POE-5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incentives.models import User

from ..states import Party
from .claim import Claim


class Comment(models.Model):
    """One comment; a reviewer appears as the vendor, never by name (ACT-4)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="comments")
    party = models.CharField(max_length=1, choices=Party)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    text = models.TextField(_("comment"), max_length=4000)
    at = models.DateTimeField()
    form_key = models.UUIDField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["claim", "-at"], name="comments_of_a_claim")]
        constraints = [
            models.UniqueConstraint(fields=["claim", "form_key"], name="a_comment_form_is_saved_once")
        ]

    def __str__(self) -> str:
        return self.text[:60]
