"""Who is on an engagement's lists: locations that may see it, customers that may be claimed."""

import pghistory
from django.db import models

from incentives.models import Location

from .engagement import Engagement, IdKind


@pghistory.track()
class PrivateListEntry(models.Model):
    """A location on the private list of an engagement (ENG-2)."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="private_entries")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="private_entries")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "location"], name="a_location_is_listed_once")
        ]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.location}"


class ListedCustomer(models.Model):
    """A customer ID on the eligible-customer list of an engagement; eligibility never passes to other IDs (LIM-6).

    A list may have a million rows. The database does not look up the engagement for each of them: that would take as
    long as writing them, and keep the engagement's row from everybody who creates a claim in the meantime.
    """

    engagement = models.ForeignKey(
        Engagement,
        on_delete=models.CASCADE,
        related_name="listed_customers",
        db_constraint=False,
        db_index=False,  # the constraint below begins with it
    )
    kind = models.CharField(max_length=20, choices=IdKind)
    value = models.CharField(max_length=255)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "kind", "value"], name="a_customer_is_listed_once")
        ]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.value}"
