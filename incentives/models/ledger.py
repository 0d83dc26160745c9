"""The earnings ledger: append-only, so totals on pages are always the sum of rows that nobody can change (PAY-1)."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .partners import Location


class LedgerEntry(models.Model):
    """One amount in US dollars earned by, or paid to, a location; corrections are entries of their own."""

    class Kind(models.TextChoices):
        EARNED = "earned", _("Earned")
        PAID = "paid", _("Paid")

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=10, choices=Kind)
    amount_usd = models.DecimalField(max_digits=12, decimal_places=2)
    claim_number = models.BigIntegerField(null=True, help_text=_("The Claim ID that earned the amount."))
    text = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["location", "kind"], include=["amount_usd"], name="ledger_totals")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim_number"], condition=Q(kind="earned"), name="a_claim_earns_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="paid") | Q(claim_number__isnull=False), name="an_earning_names_its_claim"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="ledger_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_usd} USD, {self.location}"
