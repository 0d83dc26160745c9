"""Who signs in: people of partners, with roles per location, and people of the vendor, with one role each."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .partners import Location, Partner


class Standing(models.TextChoices):
    """Where a person stands with their account."""

    ACTIVE = "active", _("Active")
    INVITED = "invited", _("Invited")
    DEACTIVATED = "deactivated", _("Deactivated")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **facts: Any) -> "User":
        user = self.model(email=email.strip().lower(), **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A person who signs in by e-mail address: of a partner, or of the vendor's staff."""

    class VendorRole(models.TextChoices):
        REVIEWER = "reviewer", _("POE reviewer")
        LEAD = "lead", _("Review lead")
        OWNER = "owner", _("Programme owner")
        SUPPORT = "support", _("Support agent")
        AUDITOR = "auditor", _("Auditor")

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    partner = models.ForeignKey(
        Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    vendor_role = models.CharField(_("vendor role"), max_length=10, choices=VendorRole, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    invited_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the invitation that is still to be accepted was sent.")
    )
    session_epoch = models.PositiveIntegerField(
        default=0, help_text=_("Counts how often all sessions of this person were ended.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_address"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(invited_at=None), name="an_active_person_has_accepted"
            ),
            models.CheckConstraint(
                condition=Q(vendor_role="") | Q(partner=None), name="staff_belong_to_no_partner"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def standing(self) -> Standing:
        if self.is_active:
            return Standing.ACTIVE
        return Standing.INVITED if self.invited_at else Standing.DEACTIVATED

    def end_sessions(self) -> None:
        """Every browser in which this person is signed in asks them to sign in again at its next request (S03)."""
        User.objects.filter(pk=self.pk).update(session_epoch=F("session_epoch") + 1)
        self.refresh_from_db(fields=["session_epoch"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is worth something by: Django's own holds the password alone, ours the epoch as well."""
        sealed = salted_hmac(
            "incentives.models.User.session",
            f"{self.password}|{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        )
        return sealed.hexdigest()

    @property
    def is_staff(self) -> bool:
        return bool(self.vendor_role)

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in str(self).split()[:2]).upper()

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Vendor rights by the table in `staff.py`; the admin asks this."""
        from ..staff import may  # app ready: the table names models of this app

        return self.is_active and may(self.vendor_role, permission)

    def has_perms(self, permissions: list[str], obj: object = None) -> bool:
        return all(self.has_perm(p, obj) for p in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        from ..staff import sees_app  # app ready: the table names models of this app

        return self.is_active and sees_app(self.vendor_role, app_label)


class LocationRole(models.Model):
    """An incentive role for one location; without one, the location does not exist for that person (ROLE-1)."""

    class Role(models.TextChoices):
        ADMIN = "incentive_admin", _("Incentive Admin")
        USER = "incentive_user", _("Incentive User")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="location_roles")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "location", "role"], name="a_role_is_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.location}"


class PartnerRole(models.Model):
    """A role of one person for the whole company (ROLE-1)."""

    class Role(models.TextChoices):
        ACCOUNT_ADMIN = "account_admin", _("Account Admin")
        REFERRALS_ADMIN = "referrals_admin", _("Referrals Admin")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="partner_roles")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "partner", "role"], name="a_company_role_is_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.partner}"


class ResetRequest(models.Model):
    """Somebody typed this address under "Forgot your password?"; whether it is known is found out later, elsewhere."""

    address = models.EmailField(max_length=254, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
