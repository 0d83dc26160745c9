"""Engagements: what can be earned, by whom, with which customers, and what must be proven."""

from datetime import date

import pghistory
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from incentives.models import User
from incentives.models.partners import keys_visible_to


@pghistory.track()
class SolutionArea(models.Model):
    """A tab of the workspace, with its ceiling of open claims per partner and customer ID (LIM-1)."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    open_claims_limit = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class ActivityType(models.Model):
    """How long each clock of a claim runs, in days of exactly 24 hours (spec, timelines)."""

    code = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=80)
    consent_days = models.PositiveSmallIntegerField()
    submit_days = models.PositiveSmallIntegerField()
    review_days = models.PositiveSmallIntegerField()
    dispute_days = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class IdKind(models.TextChoices):
    """The kinds of ID a customer can be known by (WIZ-2)."""

    DOMAIN = "domain", _("Domain name")
    TENANT = "tenant", _("Tenant ID")
    TPID = "tpid", _("TPID")
    OPPORTUNITY = "opportunity", _("Opportunity ID")
    SUBSCRIPTION = "subscription", _("Azure subscription ID")


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def for_partners(self) -> "EngagementQuerySet":
        """Those of the role Partner activities: the only ones that are claimed in this portal."""
        return self.filter(partner_role=Engagement.PARTNER_ACTIVITIES)

    def visible_to(self, user: User) -> "EngagementQuerySet":
        """Private-list engagements appear only to people with a role for a location on the list (ENG-2)."""
        entries = apps.get_model("engagements", "PrivateListEntry")._default_manager
        mine = entries.filter(engagement=OuterRef("pk"), location__in=keys_visible_to(user))
        return self.filter(Q(private_list=False) | Exists(mine))


@pghistory.track()
class Engagement(models.Model):
    """One earning opportunity of a solution area."""

    PARTNER_ACTIVITIES = "Partner activities"

    class Payout(models.TextChoices):
        FIXED = "fixed", _("Fixed payout")
        VARIABLE = "variable", _("Variable payout")

    class Scope(models.TextChoices):
        CUSTOMER_ID = "customer_id", _("Each customer ID")
        TPID = "tpid", _("All customer IDs of a TPID")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    solution_area = models.ForeignKey(SolutionArea, on_delete=models.PROTECT, related_name="engagements")
    workload = models.CharField(max_length=80, blank=True)
    partner_role = models.CharField(max_length=60, default=PARTNER_ACTIVITIES)
    payout = models.CharField(max_length=10, choices=Payout, blank=True)
    activity_type = models.ForeignKey(ActivityType, null=True, on_delete=models.PROTECT)
    opens_on = models.DateField()
    closes_on = models.DateField(null=True)
    description = models.TextField(blank=True)
    requirements = models.JSONField(default=list)
    partner_criteria = models.JSONField(default=list)
    partner_criteria_any = ArrayField(models.CharField(max_length=100), default=list)
    customer_criteria = models.JSONField(default=list)
    private_list = models.BooleanField(default=False)
    customer_list = models.BooleanField(default=False)
    id_types = ArrayField(models.CharField(max_length=20, choices=IdKind), default=list)
    customer_survey = models.BooleanField(default=True)
    partner_survey = models.BooleanField(default=True)
    delivery_hours = models.PositiveSmallIntegerField(null=True)
    limit_consents = models.PositiveIntegerField(null=True)
    limit_unique_customers = models.PositiveIntegerField(null=True)
    limit_approved = models.PositiveIntegerField(null=True)
    limit_concurrent = models.PositiveIntegerField(null=True)
    limit_scope = models.CharField(max_length=12, choices=Scope, default=Scope.CUSTOMER_ID)
    referral = models.JSONField(null=True)
    name_source = models.CharField(max_length=200, blank=True)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["solution_area", "name"], name="engagements_of_an_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on=None) | Q(closes_on__gte=models.F("opens_on")),
                name="an_engagement_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> ActivityType:
        """The clocks of its claims; only what is listed for other partner roles, and never claimed here, has none."""
        if self.activity_type is None:
            raise LookupError(f"{self.code} cannot be claimed: it has no activity type.")
        return self.activity_type

    @property
    def counts_families(self) -> bool:
        """Whether approved and open claims are counted by TPID; a variable payout never does (reading 3.20)."""
        return self.limit_scope == self.Scope.TPID and self.payout == self.Payout.FIXED

    def availability(self, today: date) -> str:
        """Upcoming, active or closed to new claims on this day (ENG-1); open claims run on after the end (DL-7)."""
        return availability(self.opens_on, self.closes_on, today)


def availability(opens_on: date, closes_on: date | None, today: date) -> str:
    if today < opens_on:
        return "upcoming"
    return "closed" if closes_on and today > closes_on else "active"


@pghistory.track()
class EvidenceSlot(models.Model):
    """One proof-of-execution document that the engagement asks for (POE-2)."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        POE = "poe", _("POE document")
        PSD = "psd", _("Public sector disclosure")

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="evidence")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["engagement", "code"], name="a_slot_stands_once")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class CannedComment(models.Model):
    """A comment that reviewers of an engagement write often, in the three languages of the programme (REV-3)."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="canned_comments")
    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=120)
    offered = models.BooleanField(default=True)
    english = models.TextField()
    french = models.TextField()
    japanese = models.TextField()

    class Meta:
        ordering = ["engagement", "code"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "code"], name="a_canned_comment_stands_once")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """Each text with the code of its language and that language's own name."""
        return [
            ("en", "English", self.english),
            ("fr", "Français", self.french),
            ("ja", "日本語", self.japanese),
        ]
