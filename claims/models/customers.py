"""Customers: organizations and the typed IDs they are known by; one ID is one customer entity (reading 3.26)."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from engagements.models import IdKind

# Public sector customers of these countries must disclose (POE-2): India, Puerto Rico, the United States.
DISCLOSURE_COUNTRIES = frozenset({"IN", "PR", "US"})


class Organization(models.Model):
    """The organization behind one TPID: the family that all its customer IDs belong to."""

    class Sector(models.TextChoices):
        COMMERCIAL = "commercial", _("Commercial")
        PUBLIC = "public", _("Public sector")
        UNKNOWN = "unknown", _("Not known")

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("customer name"), max_length=200)
    # Empty while all that is known is what the authority says of a tenant: country and sector stand in no answer.
    country: Country = CountryField(_("country/region"), blank=True)  # type: ignore[assignment]  # its stub says str
    sector = models.CharField(max_length=10, choices=Sector, default=Sector.COMMERCIAL)
    segment = models.CharField(max_length=40, blank=True)

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="a_new_name_orders_its_claims",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("name"),
                condition=pgtrigger.Q(old__name__df=pgtrigger.F("new__name")),
                func="""
                    UPDATE claims_claim SET sort_customer = lower(NEW.name) WHERE customer_id IN
                        (SELECT id FROM claims_customeridentity WHERE organization_id = NEW.id);
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def must_disclose(self) -> bool:
        return self.sector == self.Sector.PUBLIC and self.country.code in DISCLOSURE_COUNTRIES


class CurrentIdentities(models.Manager["CustomerIdentity"]):
    """The IDs as they are now. A domain that moved on is only found from the claims that were made under it."""

    def get_queryset(self) -> models.QuerySet["CustomerIdentity"]:
        return super().get_queryset().filter(moved_at=None)


class CustomerIdentity(models.Model):
    """One ID of a customer: a domain name, tenant ID, TPID, opportunity ID or Azure subscription ID."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="identities")
    kind = models.CharField(max_length=20, choices=IdKind)
    value = models.CharField(max_length=255)
    tenant = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="domains"
    )
    moved_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_(
            "When the domain left its tenant; claims that were made before keep customer and tenant."
        ),
    )

    objects = CurrentIdentities()
    ever = models.Manager()  # noqa: DJ012  # a second manager stands with the first

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(moved_at=None), name="an_id_belongs_to_one_customer"
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="an_id_of_another_orders_its_claims",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("organization_id", "kind", "value"),
                func="""
                    UPDATE claims_claim SET sort_id_kind = NEW.kind, sort_customer_id = lower(NEW.value),
                        sort_customer = (SELECT lower(name) FROM claims_organization WHERE id = NEW.organization_id)
                    WHERE customer_id = NEW.id;
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def counts_as(self) -> "CustomerIdentity":
        """The identity that limits and rivals count: a domain is its one tenant, any other ID is itself."""
        return self.tenant or self

    @property
    def known_by(self) -> set[tuple[str, str]]:
        """The (kind, value) IDs by which a list of customers may name it."""
        return {(one.kind, one.value) for one in (self, self.counts_as)}
