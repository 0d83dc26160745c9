"""One-time links: the only key a person without an account holds."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

KEY_LENGTH = 32


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def derive(secret: str, nonce: str) -> str:
    return hmac.new(secret.encode(), f"one-time-link:{nonce}".encode(), hashlib.sha256).hexdigest()[
        :KEY_LENGTH
    ]


class Link(models.Model):
    """A link sent by mail. Only a digest of its key is stored; the key is derived again when the mail is rendered."""

    class Purpose(models.TextChoices):
        CONSENT = "consent", _("Customer consent")
        CUSTOMER_SURVEY = "customer_survey", _("Customer survey")
        PARTNER_SURVEY = "partner_survey", _("Partner survey")
        INVITATION = "invitation", _("Invitation")
        PASSWORD_RESET = "password_reset", _("Password reset")

    purpose = models.CharField(max_length=20, choices=Purpose)
    subject_id = models.BigIntegerField(
        help_text=_("The Claim ID, or for an invitation or a reset the number of the person, it is about.")
    )
    address = models.EmailField(max_length=254)
    nonce = models.CharField(max_length=32, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["purpose", "subject_id"], condition=Q(revoked_at=None), name="living_links")
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.subject_id}"

    @classmethod
    def mint(
        cls, purpose: str, subject_id: int, *, address: str, now: datetime, expires_at: datetime | None = None
    ) -> Self:
        """Make a new link and kill the older ones of the same purpose for the same subject."""
        cls.revoke_all(purpose, subject_id, now=now)
        nonce = secrets.token_hex(16)
        return cls.objects.create(
            purpose=purpose,
            subject_id=subject_id,
            address=address,
            nonce=nonce,
            digest=digest_of(derive(settings.SECRET_KEY, nonce)),
            created_at=now,
            expires_at=expires_at,
        )

    @classmethod
    def revoke_all(cls, purpose: str, subject_id: int, *, now: datetime) -> int:
        """Kill every living link of this purpose for this subject, so that only a newer one can be answered."""
        living = cls.objects.filter(purpose=purpose, subject_id=subject_id, revoked_at=None, used_at=None)
        return living.update(revoked_at=now)

    @classmethod
    def find(cls, purpose: str, key: str) -> Self | None:
        """The link that this key opens, dead or alive; None when there never was one."""
        return cls.objects.filter(purpose=purpose, digest=digest_of(key)).first()

    @classmethod
    def dead(cls, now: datetime) -> models.QuerySet[Self]:
        """The links that `cause_of_death` gives a cause for, in SQL."""
        alive = Q(expires_at=None) | Q(expires_at__gt=now)
        return cls.objects.exclude(alive, used_at=None, revoked_at=None)

    @property
    def url(self) -> str:
        """The address that goes into the mail; works across a change of SECRET_KEY while the old one is a fallback."""
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
            key = derive(secret, self.nonce)
            if hmac.compare_digest(digest_of(key), self.digest):
                return settings.PORTAL_URL + reverse(f"door:{self.purpose}", args=[key])
        raise LookupError("The secret this link was made with is no longer known; send a new link.")

    def cause_of_death(self, now: datetime) -> str:
        """Why this link can no longer be answered (used, replaced, expired), or an empty string while it lives."""
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "replaced"
        if self.expires_at and self.expires_at <= now:
            return "expired"
        return ""

    def spend(self, now: datetime) -> bool:
        """Use the link up; true for exactly one caller, however many ask at once."""
        living = Link.objects.filter(pk=self.pk, used_at=None, revoked_at=None)
        return living.exclude(expires_at__lte=now).update(used_at=now) == 1
