"""Which reminders have left: each at most once, by itself or in a person's mail of the day (DL-5)."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from incentives.models import LocationRole, User
from mail.models import ReminderWish

from ..transitions import EXPIRY
from .claim import Claim, ClaimQuerySet

# Where a claim names the people who are reminded of it; its customer has no account.
NAMED = ("created_by__email", "partner_contact_email")


class Reminder(models.Model):
    """One reminder of one deadline of one claim, so many days before it."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE)
    deadline = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "deadline", "days"], name="a_reminder_leaves_once")
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.days} days before {self.deadline:%Y-%m-%d}"


def seen_by(reader: str, location: str) -> Exists:
    """Whether that person holds a role for that location, as `visible_to` asks, said of fields of the outer query."""
    roles = LocationRole.objects.filter(user=OuterRef(reader), location=OuterRef(location))
    return Exists(roles.filter(user__is_active=True, user__vendor_role=""))


class DigestLineQuerySet(models.QuerySet["DigestLine"]):
    def put_down(self, claims: ClaimQuerySet, days: int) -> None:
        """Note these deadlines for everybody named in the claims who reads them once a day, and sees them.

        Who was told of a deadline so many days before it, or fewer, has nothing noted again.
        """
        found = {
            line
            for named in NAMED
            for line in self.unnoted(claims, named, days).values_list("pk", "reader", "expires_at")
        }
        # In one order, so that two beats at once wait for each other, never both.
        lines = [
            DigestLine(claim_id=claim, reader_id=reader, deadline=deadline, days=days)
            for claim, reader, deadline in sorted(found)
        ]
        DigestLine.objects.bulk_create(lines, ignore_conflicts=True)

    def unnoted(self, claims: ClaimQuerySet, named: str, days: int) -> models.QuerySet[Any]:
        """Those of these claims that name a `reader` in this field for whom nothing is noted yet at this stage."""
        noted = self.filter(
            claim=OuterRef("pk"), deadline=OuterRef("expires_at"), days__lte=days, reader=OuterRef("reader")
        )
        return read_daily(claims, named).filter(~Exists(noted))

    def noted(self, claims: ClaimQuerySet, days: int) -> set[tuple[int, str]]:
        """Claims and the addresses, in small letters, that are told of them by a digest and not by themselves."""
        of_stage = self.filter(claim__in=claims, deadline=F("claim__expires_at"), days__lte=days)
        return set(of_stage.values_list("claim", Lower("reader__email")))

    def to_tell(self) -> "DigestLineQuerySet":
        return self.filter(told_at=None)

    def with_claims(self) -> "DigestLineQuerySet":
        """With all that a letter says of their claims, the nearest deadline first."""
        of_claim = ("engagement", "location", "customer__organization")
        named = self.select_related("reader", *(f"claim__{name}" for name in of_claim))
        return named.prefetch_related("claim__slots").order_by("deadline", "claim_id", "days")

    def judged(self, now: datetime) -> models.QuerySet[Any]:
        """Adds `stands`: whether the claim still waits for that deadline, and its reader still sees it."""
        waits = Q(claim__expires_at=F("deadline"), claim__status__in=list(EXPIRY), deadline__gt=now)
        stands = ExpressionWrapper(waits & seen_by("reader", "claim__location"), output_field=BooleanField())
        return self.annotate(stands=stands)


def read_daily(claims: ClaimQuerySet, named: str) -> models.QuerySet[Any]:
    """Those of these claims whose deadlines are read once a day by whoever this field names, with that `reader`."""
    address = Lower(named)
    chose = ReminderWish.objects.filter(address=OuterRef("address"), how=ReminderWish.How.DAILY)
    person = User.objects.alias(mail=Lower("email")).filter(mail=OuterRef("address")).values("pk")
    known = claims.annotate(address=address).filter(Exists(chose)).annotate(reader=Subquery(person[:1]))
    return known.filter(seen_by("reader", "location"))


class DigestLine(models.Model):
    """One deadline in a person's mail of the day: noted so many days before it, told once."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, db_index=False)
    reader = models.ForeignKey(User, on_delete=models.CASCADE)
    deadline = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField(
        null=True, help_text="When it was told, or there was nothing to tell any more."
    )

    objects = DigestLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "deadline", "days", "reader"], name="a_deadline_is_noted_once"
            )
        ]
        indexes = [models.Index(fields=["reader"], condition=Q(told_at=None), name="digest_lines_to_tell")]

    def __str__(self) -> str:
        return f"{self.reader_id}: {self.claim_id}, {self.days} days before {self.deadline:%Y-%m-%d}"
