"""A claim's history: append-only, so that who did what and when can never be rewritten (ACT-4)."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from incentives.models import User

from ..states import Party, Status
from .claim import Claim


class ClaimEvent(models.Model):
    """One line of the history: what was done, when, and by which party."""

    class Action(models.TextChoices):
        CREATE = "create", _("Claim creation")
        REQUEST_CONSENT = "request_consent", _("Request customer consent")
        GIVE_CONSENT = "give_consent", _("Customer consent approved")
        DECLINE_CONSENT = "decline_consent", _("Customer consent declined")
        EDIT_CONTACTS = "edit_contacts", _("Contact edit")
        ADD_DOCUMENT = "add_document", _("Document submission")
        REMOVE_DOCUMENT = "remove_document", _("Document removal")
        SEND_CUSTOMER_SURVEY = "send_customer_survey", _("Send customer survey")
        SEND_PARTNER_SURVEY = "send_partner_survey", _("Send partner survey")
        QUEUE_SEND = "queue_send", _("Email queued")
        TAKE_BACK_SEND = "take_back_send", _("Queued email taken back")
        GIVE_UP_SEND = "give_up_send", _("Queued email not sent")
        COMPLETE_CUSTOMER_SURVEY = "complete_customer_survey", _("Customer survey completed")
        COMPLETE_PARTNER_SURVEY = "complete_partner_survey", _("Partner survey completed")
        SUBMIT = "submit", _("Submission")
        START_REVIEW = "start_review", _("Set under review")
        REQUEST_ACTION = "request_action", _("Set partner action required")
        APPROVE = "approve", _("Approval")
        REJECT = "reject", _("Rejection")
        REJECT_FINALLY = "reject_finally", _("Final rejection")
        DISPUTE = "dispute", _("Dispute")
        CANCEL = "cancel", _("Cancellation")
        EXPIRE = "expire", _("Expiration")
        YIELD_TO_RIVAL = "yield_to_rival", _("Final rejection by the system")

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="events")
    action = models.CharField(max_length=30, choices=Action)
    at = models.DateTimeField()
    party = models.CharField(max_length=1, choices=Party)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    from_status = models.CharField(max_length=30, choices=Status, blank=True)
    to_status = models.CharField(max_length=30, choices=Status, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["claim", "-at", "-id"], name="history_of_a_claim")]
        triggers = [
            pgtrigger.Protect(name="history_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.at:%Y-%m-%d %H:%M}"
