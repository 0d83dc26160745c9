"""The earnings ledger: append-only, so totals on pages are always the sum of rows that nobody can change (PAY-1).

A location of a large company has tens of thousands of entries, so the database keeps their sums, in the transaction of
each entry: a total is never older than the ledger, and nothing but an entry can change it.
"""

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
            pgtrigger.Protect(name="ledger_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            # In one order, so that two who book for the same locations at once wait for each other, and not for ever.
            pgtrigger.Trigger(
                name="an_entry_counts_in_its_total",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="booked"),
                func="""
                    INSERT INTO incentives_ledgertotal AS total (location_id, kind, amount_usd)
                    SELECT location_id, kind, sum(amount_usd) FROM booked GROUP BY location_id, kind
                    ORDER BY location_id, kind
                    ON CONFLICT (location_id, kind) DO UPDATE SET amount_usd = total.amount_usd + excluded.amount_usd;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_usd} USD, {self.location}"


class LedgerTotal(models.Model):
    """All that a location ever earned, or was paid: the sum of its entries of one kind, kept by the database."""

    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="ledger_totals", db_index=False
    )
    kind = models.CharField(max_length=10, choices=LedgerEntry.Kind)
    amount_usd = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "kind"], name="a_location_has_each_total_once")
        ]
        triggers = [
            pgtrigger.Protect(
                name="only_an_entry_changes_a_total",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_usd} USD in all, {self.location}"
