"""Partners, their locations, and whether a location can be paid."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
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
    """The locations this person holds an incentive role for, as keys that rows of locations are compared with.

    A role that stayed behind when its holder went over to the vendor shows nothing any more: it only ties (A08).
    """
    held = user.location_roles.none() if user.is_staff else user.location_roles.all()
    return held.values("location")


class LocationQuerySet(models.QuerySet["Location"]):
    def visible_to(self, user: "User") -> "LocationQuerySet":
        """The locations this person holds an incentive role for; every partner page starts here (ROLE-1, ACT-3)."""
        return self.filter(pk__in=keys_visible_to(user))

    def enrolled(self) -> "LocationQuerySet":
        return self.filter(enrolment__status="enrolled")


class Location(models.Model):
    """A place of a partner that enrols, claims and is paid, known by its PartnerID (formerly MPN ID, 7 digits)."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="locations")
    partner_number = models.PositiveIntegerField(_("PartnerID"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    city = models.CharField(_("city"), max_length=100)
    country: Country = CountryField(_("country/region"))  # type: ignore[assignment]  # its stub says str
    region = models.CharField(_("region"), max_length=60)
    is_member = models.BooleanField(_("active partner membership"), default=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "country", "city", "partner_number"]
        # The order of the desk's lists of locations: enrolments and payee profiles.
        indexes = [models.Index(fields=["name", "partner_number"], name="locations_by_name")]

    def __str__(self) -> str:
        return location_title(self.name, self.country.code, self.city, self.partner_number)

    def is_payable(self, now: datetime) -> bool:
        """Whether bank and tax details are complete at this instant; without both nothing is paid out (ROLE-5)."""
        payee = getattr(self, "payee", None)
        return payee is not None and payee.is_complete(now)


LOCATION_TITLE = ("name", "country", "city", "partner_number")


def location_title(name: str, country: str, city: str, partner_number: int) -> str:
    """How a location is named everywhere: FridayINC, US, Las Vegas (5272302)."""
    return f"{name}, {country}, {city} ({partner_number})"
