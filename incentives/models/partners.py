"""Partners, their locations, enrolment in the programme, and whether a location can be paid."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

if TYPE_CHECKING:
    from .people import User

PROGRAMME = "Microsoft Commerce Incentives"


class Partner(models.Model):
    """A company (global account) with one Partner Global ID and any number of locations."""

    global_id = models.PositiveIntegerField(_("Partner Global ID"), unique=True)
    name = models.CharField(_("name"), max_length=200)

    def __str__(self) -> str:
        return self.name


def keys_visible_to(user: "User") -> models.QuerySet[Any]:
    """The locations this person holds an incentive role for, as keys that rows of locations are compared with."""
    return user.location_roles.values("location")


class LocationQuerySet(models.QuerySet["Location"]):
    def visible_to(self, user: "User") -> "LocationQuerySet":
        """The locations this person holds an incentive role for; every partner page starts here (ROLE-1, ACT-3)."""
        return self.filter(pk__in=keys_visible_to(user))

    def enrolled(self) -> "LocationQuerySet":
        return self.filter(enrolment__status=Enrolment.Status.ENROLLED)


class Location(models.Model):
    """A place of a partner that enrols, claims and is paid, known by its PartnerID (formerly MPN ID, 7 digits)."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="locations")
    partner_number = models.PositiveIntegerField(_("PartnerID"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    city = models.CharField(_("city"), max_length=100)
    country: Country = CountryField(_("country/region"))  # type: ignore[assignment]  # its stub says str
    region = models.CharField(_("region"), max_length=60)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "country", "city", "partner_number"]

    def __str__(self) -> str:
        return location_title(self.name, self.country.code, self.city, self.partner_number)


LOCATION_TITLE = ("name", "country", "city", "partner_number")


def location_title(name: str, country: str, city: str, partner_number: int) -> str:
    """How a location is named everywhere: FridayINC, US, Las Vegas (5272302)."""
    return f"{name}, {country}, {city} ({partner_number})"


class Enrolment(models.Model):
    """Where a location stands on its way into the programme (ROLE-4)."""

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
    enrolled_at = models.DateTimeField(null=True, blank=True)
    enrolled_by = models.ForeignKey("incentives.User", null=True, blank=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"{self.location}: {self.get_status_display()}"


class PayeeProfile(models.Model):
    """Whether a location's bank and tax details are complete; without both nothing is paid out (ROLE-5)."""

    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="payee")
    bank_complete = models.BooleanField(default=False)
    tax_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.location}: {self.label}"

    @property
    def complete(self) -> bool:
        return self.bank_complete and self.tax_complete

    @property
    def label(self) -> str | Promise:
        return _("Complete") if self.complete else _("Bank and tax details incomplete")
