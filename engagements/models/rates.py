"""What an engagement pays, by market; a market belongs to the rate card, not to the country (ENG-9)."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .engagement import Engagement


class MarketList(models.Model):
    """Which countries make up Market A, B and C; "*" stands for every other country."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True)
    countries = models.JSONField()

    def __str__(self) -> str:
        return self.name

    def market_of(self, country: str) -> str:
        """The market (A, B or C) that a country belongs to, or an empty string where the engagement pays nothing."""
        named = next((m for m in "ABC" if country in (self.countries.get(m) or [])), "")
        return named or next((m for m in "ABC" if self.countries.get(m) == "*"), "")


class RateCard(models.Model):
    """Pre-tax US dollars per completed claim, or per hour with a cap, from one day to another."""

    class Unit(models.TextChoices):
        CLAIM = "claim", _("per claim")
        HOUR = "hour", _("per hour")

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="rate_cards")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    market_list = models.ForeignKey(MarketList, on_delete=models.PROTECT)
    rate_a = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    rate_b = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    rate_c = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    unit = models.CharField(max_length=5, choices=Unit)
    cap = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    source = models.CharField(max_length=200, blank=True)
    sample_markets = ArrayField(models.CharField(max_length=1), default=list)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "starts_on"], name="one_rate_card_per_start"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="a_rate_card_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement}, {self.starts_on}"

    def in_force_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def rate_for(self, market: str) -> Decimal | None:
        """The rate of one market in US dollars, or None where there is none."""
        return {"A": self.rate_a, "B": self.rate_b, "C": self.rate_c}.get(market)
