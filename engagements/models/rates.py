"""What an engagement pays, by market; a market belongs to the rate card, not to the country (ENG-9)."""

from datetime import date
from decimal import Decimal

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .engagement import Engagement

# Two transactions cannot both pass: each waits for the other at the engagement's row, then sees its rate cards.
NO_OVERLAP = """
    PERFORM 1 FROM engagements_engagement WHERE id = NEW.engagement_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM engagements_ratecard one JOIN engagements_ratecard other
        ON one.engagement_id = other.engagement_id AND one.id < other.id
        AND daterange(one.starts_on, one.ends_on, '[]') && daterange(other.starts_on, other.ends_on, '[]')
        WHERE one.engagement_id = NEW.engagement_id
    ) THEN
        RAISE EXCEPTION 'Two rate cards of an engagement are in force on the same day'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'rate_cards_never_overlap';
    END IF;
    RETURN NULL;
"""


@pghistory.track()
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


@pghistory.track()
class RateCard(models.Model):
    """Pre-tax US dollars per completed claim, or per hour with a cap, from one day to another."""

    class Unit(models.TextChoices):
        CLAIM = "claim", _("per claim")
        HOUR = "hour", _("per hour")

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="rate_cards")
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
        triggers = [
            # Judged at the end of the transaction, so that a border between two rate cards can be moved.
            pgtrigger.Trigger(
                name="rate_cards_never_overlap",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                func=NO_OVERLAP,
            )
        ]

    def __str__(self) -> str:
        return f"{self.engagement}, {self.starts_on}"

    def in_force_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def rate_for(self, market: str) -> Decimal | None:
        """The rate of one market in US dollars, or None where there is none."""
        return {"A": self.rate_a, "B": self.rate_b, "C": self.rate_c}.get(market)
