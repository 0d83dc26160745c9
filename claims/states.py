"""The sixteen statuses of a claim and the four parties that can move it (spec, "Claim statuses")."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    CUSTOMER_CLAIMED = "customer_claimed", _("Customer claimed")
    AWAITING_CONSENT = "awaiting_consent", _("Awaiting customer consent")
    CONSENT_RECEIVED = "consent_received", _("Customer consent received")
    CONSENT_DECLINED = "consent_declined", _("Customer consent declined")
    CONSENT_EXPIRED = "consent_expired", _("Customer consent expired")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    ACTION_REQUIRED = "action_required", _("Partner action required")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    DISPUTED = "disputed", _("Disputed")
    REJECTED_FINAL = "rejected_final", _("Rejected final")
    CANCELLED = "cancelled", _("Cancelled")
    NOT_SUBMITTED_EXPIRED = "not_submitted_expired", _("Not submitted claim expired")
    POST_SUBMISSION_EXPIRED = "post_submission_expired", _("Post submission claim expired")
    DISPUTE_EXPIRED = "dispute_expired", _("Disputed claim expired")


OPEN = frozenset(
    {
        Status.CUSTOMER_CLAIMED,
        Status.AWAITING_CONSENT,
        Status.CONSENT_RECEIVED,
        Status.SUBMITTED,
        Status.UNDER_REVIEW,
        Status.ACTION_REQUIRED,
        Status.DISPUTED,
    }
)
CLOSED = frozenset(Status) - OPEN
# Claims that stand: under way, or come to a good end.
STANDING = OPEN | {Status.APPROVED}
# Statuses in which a clock runs and somebody can still do something about the claim.
WAITING = frozenset(
    {
        Status.CUSTOMER_CLAIMED,
        Status.AWAITING_CONSENT,
        Status.CONSENT_RECEIVED,
        Status.ACTION_REQUIRED,
        Status.REJECTED,
        Status.DISPUTED,
    }
)
PRE_CONSENT = frozenset({Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT})
IN_REVIEW = frozenset({Status.SUBMITTED, Status.UNDER_REVIEW})


class Party(models.TextChoices):
    """Who acts: the columns' letters of the allowed-actions table, and the portal itself."""

    PARTNER = "P", _("Partner")
    CUSTOMER = "C", _("Customer")
    VENDOR = "M", _("Vendor")
    SYSTEM = "S", _("System")
