"""The claim: one location, one engagement, one customer ID, and every fact that its law asks for."""

from collections.abc import Collection
from datetime import datetime

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement, EvidenceSlot, MaterialVersion
from incentives.models import Location, Partner, User
from incentives.models.partners import keys_visible_to

from .. import access, evidence
from ..states import CLOSED, OPEN, PRE_CONSENT, STANDING, WAITING, Party
from ..states import Status as S
from ..transitions import EDGES, EXPIRY
from .customers import CustomerIdentity

# What a claim takes over from its engagement when it is created, and keeps whatever changes there later (DL-7).
TERMS_OF_CREATION = [
    "consent_days",
    "submit_days",
    "review_days",
    "dispute_days",
    "requirements",
    "requested_hours",
    "customer_survey_required",
    "partner_survey_required",
]
ORDERED_BY = {
    "update": ["-updated_at", "-id"],
    "number": ["id"],
    "name": ["sort_name", "id"],
    "customer": ["sort_customer", "id"],
    "customer_id": ["sort_id_kind", "sort_customer_id", "id"],
    "contact": ["sort_contact", "id"],
    "engagement": ["engagement", "-updated_at", "-id"],
    "status": ["status", "-updated_at", "-id"],
}
# Whoever gave a company consent is listed by the same index as the claims in the order of their customers.
FOUND_BY = {"customer": ["customer", "consented_at"]}
NARROWED_BY = ("engagement", "location", "status", "expires_at", "updated_at")
CONSENT_NEVER_GIVEN = PRE_CONSENT | {
    S.CONSENT_DECLINED,
    S.CONSENT_EXPIRED,
    S.CANCELLED,
    S.REJECTED_FINAL,
}


def open_at(now: datetime) -> Q:
    """Claims that are open at this instant, whether or not a job has run (DL-4)."""
    return Q(Q(expires_at=None) | Q(expires_at__gt=now), status__in=OPEN)


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: User) -> "ClaimQuerySet":
        """The claims of locations this person holds an incentive role for: where every partner page starts (ACT-3)."""
        return self.filter(location__in=keys_visible_to(user))

    def in_status(self, statuses: Collection[str], now: datetime) -> "ClaimQuerySet":
        """Those that are in one of these statuses at this instant, in words that an index of statuses answers."""
        running = {status for status in statuses if status in EXPIRY}
        passed = {was for was, becomes in EXPIRY.items() if becomes in statuses}
        lasting = set(statuses) - running
        if not running | passed:
            return self.filter(status__in=sorted(lasting))
        # The stored ones as well, by which the index narrows: it cannot by alternatives.
        return self.filter(
            Q(status__in=sorted(lasting))
            | Q(status__in=sorted(running), expires_at__gt=now)
            | Q(status__in=sorted(passed), expires_at__lte=now),
            status__in=sorted(lasting | running | passed),
        )

    def as_of(self, now: datetime) -> "ClaimQuerySet":
        """Adds `current_status`: what the claim is at this instant, whether or not a job has run (DL-4)."""
        overdue = [
            When(status=was, expires_at__lte=now, then=Value(becomes.value))
            for was, becomes in EXPIRY.items()
        ]
        return self.annotate(
            current_status=Case(*overdue, default=F("status"), output_field=models.CharField())
        )

    def due(self, now: datetime) -> "ClaimQuerySet":
        """The claims whose deadline has passed and that no job has caught up with."""
        return self.filter(status__in=list(EXPIRY), expires_at__lte=now)

    def open(self, now: datetime) -> "ClaimQuerySet":
        return self.filter(open_at(now))


class Claim(models.Model):
    """One claim; `id` is the 7-digit Claim ID. Only `lifecycle.move` changes its status, under the table of moves."""

    Status = S

    name = models.CharField(_("claim name"), max_length=120)
    # These three have no index of their own: others begin with them.
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="claims", db_index=False
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="claims", db_index=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="claims", db_index=False)
    customer = models.ForeignKey(CustomerIdentity, on_delete=models.PROTECT, related_name="claims")
    counts_as = models.ForeignKey(CustomerIdentity, on_delete=models.PROTECT, related_name="counted_claims")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims_created")

    status = models.CharField(
        _("status"), max_length=30, choices=Status, default=Status.CUSTOMER_CLAIMED, editable=False
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(_("last updated"))
    expires_at = models.DateTimeField(_("claims expiry"), null=True, editable=False)
    consent_requested_at = models.DateTimeField(null=True)
    consented_at = models.DateTimeField(null=True)
    first_submitted_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    disputed_at = models.DateTimeField(null=True)
    dispute_submitted_at = models.DateTimeField(null=True)

    consent_days = models.PositiveSmallIntegerField()
    submit_days = models.PositiveSmallIntegerField()
    review_days = models.PositiveSmallIntegerField()
    dispute_days = models.PositiveSmallIntegerField()
    requirements = models.JSONField(default=list)
    requested_hours = models.PositiveSmallIntegerField(_("requested hours"), null=True)

    customer_contact_name = models.CharField(_("customer contact name"), max_length=120)
    customer_contact_email = models.EmailField(_("customer contact email"), max_length=254)
    customer_contact_title = models.CharField(_("customer contact work title"), max_length=120, blank=True)
    partner_contact_name = models.CharField(_("partner contact name"), max_length=120)
    partner_contact_email = models.EmailField(_("partner contact email"), max_length=254)
    domain_mismatch_reason = models.CharField(_("domain mismatch reason"), max_length=500, blank=True)

    deal_size_usd = models.PositiveBigIntegerField(_("deal size"), null=True)
    payable_usd = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    market = models.CharField(max_length=1, blank=True)

    # The customer, or its family, of which this is the only open claim of its engagement: set where the limit was one
    # as it was created (LIM-5).
    only_open_of = models.CharField(max_length=40, blank=True, db_default="", editable=False)

    # What equal rows of sheets have in common, on a claim that was created from one (BEY-4).
    row_key = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    customer_survey_required = models.BooleanField()
    customer_survey_sent_at = models.DateTimeField(null=True)
    customer_survey_done_at = models.DateTimeField(null=True)
    partner_survey_required = models.BooleanField()
    partner_survey_sent_at = models.DateTimeField(null=True)
    partner_survey_done_at = models.DateTimeField(null=True)

    search_text = models.TextField(editable=False)
    search_vector = models.GeneratedField(
        expression=SearchVector("search_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    # What lists are ordered by. The database keeps those of the customer in line with the directory (see the triggers).
    sort_name = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=120), db_persist=True
    )
    sort_contact = models.GeneratedField(
        expression=Lower("partner_contact_name"),
        output_field=models.CharField(max_length=120),
        db_persist=True,
    )
    sort_customer = models.CharField(max_length=200, editable=False, default="")
    sort_id_kind = models.CharField(max_length=20, editable=False, default="")
    sort_customer_id = models.CharField(max_length=255, editable=False, default="")

    objects = models.Manager.from_queryset(ClaimQuerySet)()

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(status__in=sorted(EXPIRY)), name="claims_that_expire"
            ),
            # Each order of the list of claims (claims/orders.py), with all that the list can be narrowed by.
            models.Index(
                fields=["location", "-updated_at", "-id"],
                include=["partner", "engagement", "status", "expires_at"],
                name="claims_of_a_location",
            ),
            *(
                models.Index(
                    fields=["partner", *fields],
                    include=[other for other in NARROWED_BY if not {other, f"-{other}"} & {*fields}]
                    + FOUND_BY.get(order, []),
                    name=f"claims_by_{order}",
                )
                for order, fields in ORDERED_BY.items()
            ),
            models.Index(fields=["engagement", "status"], name="claims_of_an_engagement"),
            models.Index(
                fields=["engagement", "location"],
                include=["counts_as", "expires_at"],
                condition=Q(status__in=sorted(OPEN)),
                name="open_claims",
            ),
            models.Index(
                fields=["partner", "counts_as"],
                include=["engagement", "expires_at"],
                condition=Q(status__in=sorted(OPEN)),
                name="open_claims_of_a_company",
            ),
            models.Index(
                fields=["location", "status", "expires_at", "id"],
                condition=Q(status__in=sorted(WAITING)),
                name="claims_that_wait",
            ),
            models.Index(fields=["engagement", "counts_as"], name="claims_of_a_customer"),
            models.Index(
                fields=["partner", "customer"],
                include=["engagement"],
                condition=Q(consented_at__isnull=False),
                name="consented_customers",
            ),
            models.Index(
                fields=["submitted_at"],
                condition=Q(status__in=["submitted", "under_review"]),
                name="review_queue",
            ),
            GinIndex(fields=["search_vector"], name="claims_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "only_open_of"],
                condition=Q(status__in=sorted(OPEN)) & ~Q(only_open_of=""),
                name="one_open_claim_where_the_limit_is_one",
            ),
            models.UniqueConstraint(
                fields=["row_key"],
                condition=Q(status__in=sorted(STANDING)) & ~Q(row_key=""),
                name="equal_rows_of_sheets_are_one_claim",
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="a_status_of_the_sixteen"),
            models.CheckConstraint(
                condition=Q(status__in=sorted(CONSENT_NEVER_GIVEN)) | Q(consented_at__isnull=False),
                name="no_delivery_without_consent",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(EXPIRY)) | Q(expires_at__isnull=False),
                name="a_waiting_claim_has_a_deadline",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="only_legal_moves", field="status", transitions=EDGES),
            pgtrigger.Trigger(
                name="a_claim_starts_claimed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__status__df=S.CUSTOMER_CLAIMED.value),
                func="RAISE EXCEPTION 'A claim starts as customer_claimed, not as %', NEW.status;",
            ),
            pgtrigger.Trigger(
                name="a_claim_is_listed_by_its_customer",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("customer_id"),
                func="""
                    SELECT lower(organization.name), identity.kind, lower(identity.value)
                    INTO NEW.sort_customer, NEW.sort_id_kind, NEW.sort_customer_id
                    FROM claims_customeridentity identity
                    JOIN claims_organization organization ON organization.id = identity.organization_id
                    WHERE identity.id = NEW.customer_id;
                    RETURN NEW;
                """,
            ),
            pgtrigger.ReadOnly(name="a_claim_keeps_its_terms", fields=TERMS_OF_CREATION),
            pgtrigger.Protect(
                name="a_rate_stays_as_consented",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.consented_at IS NOT NULL AND (OLD.consented_at, OLD.payable_usd, OLD.market)"
                    " IS DISTINCT FROM (NEW.consented_at, NEW.payable_usd, NEW.market)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return _("Claim %(number)s | %(name)s") % {"number": self.pk, "name": self.name}

    def status_at(self, now: datetime) -> S:
        """What the claim is at this instant, whether or not the expiry job has run (DL-4)."""
        status = S(self.status)
        passed = self.expires_at is not None and self.expires_at <= now
        return EXPIRY[status] if status in EXPIRY and passed else status

    def is_overdue(self, now: datetime) -> bool:
        return self.status_at(now) != self.status

    def is_closed(self, now: datetime) -> bool:
        return self.status_at(now) in CLOSED

    def allowed(self, party: Party, now: datetime) -> frozenset[str]:
        """Every action this party may take at this instant, by the table of allowed actions."""
        return access.allowed(self.status_at(now), party)

    def checklist(self) -> list[evidence.Item]:
        return evidence.checklist(self)


class Slot(models.Model):
    """One document slot of a claim, copied from the engagement at creation, so that its terms are kept (DL-7)."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="slots")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=EvidenceSlot.Kind)
    position = models.PositiveSmallIntegerField()
    template = models.ForeignKey(
        MaterialVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "The version of the POE template that counts: the one in effect at the first submission."
        ),
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["claim", "code"], name="a_claim_has_each_slot_once")]
        triggers = [
            pgtrigger.Protect(
                name="a_template_counts_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__template__isnull=False)
                & pgtrigger.Q(old__template__df=pgtrigger.F("new__template")),
            )
        ]

    def __str__(self) -> str:
        return self.name
