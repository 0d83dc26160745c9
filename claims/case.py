"""The case file: everything that a claim's page shows, gathered once (POE-1)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagements.models import Engagement
from engagements.rates import payable
from incentives.models import User
from mail.models import Message, SendCap

from . import deadlines, queued_sends
from .letters import Letter, letters
from .models import Claim, Document, QueuedSend, Slot
from .poe_templates import Template, templates
from .states import IN_REVIEW, PRE_CONSENT, Party, Status
from .transitions import BY_ACTION


@dataclass(frozen=True)
class SlotView:
    """A document slot with the files in it, and its template."""

    slot: Slot
    documents: list[Document]
    template: Template | None

    @property
    def follows_an_older_template(self) -> bool:
        """Whether a file came before the version took effect that the first submission would keep (DL-7)."""
        if self.template is None or self.template.kept:
            return False
        return any(self.template.is_younger_than(document.uploaded_at) for document in self.documents)


@dataclass(frozen=True)
class SurveyView:
    """The state of one survey as the partner may know it: never its answers (SUR-5)."""

    audience: str
    title: str | Promise
    status: str | Promise
    done: bool
    sent: bool
    next_send: datetime | None
    too_late: str
    queued: QueuedSend | None
    letter: Letter | None


@dataclass(frozen=True)
class Milestone:
    """One step of the status tracker."""

    label: str | Promise
    state: str
    at: datetime | None = None
    tasks: bool = False


def case_file(claim: Claim, user: User, *, now: datetime) -> dict[str, Any]:
    """The context of the claim page; the same for the page and for the fragment that replaces it."""
    status = claim.status_at(now)
    queued = queued_sends.waiting(claim, now=now)
    allowed = claim.allowed(Party.PARTNER, now)
    posted = letters(claim, allowed)
    checklist, comments = claim.checklist(), list(claim.comments.select_related("author"))
    return {
        "claim": claim,
        "sees_engagement": sees_engagement(claim, user),
        "status": status,
        "status_label": status.label,
        "overdue": claim.is_overdue(now),
        "allowed": allowed,
        "moves": {action for action in ("submit", "cancel", "dispute") if may_move(claim, action, now)},
        "checklist": checklist,
        "claimable_again": claim.is_closed(now) and sees_engagement(claim, user),
        "missing": [item for item in checklist if not item.done],
        "deadline": None if claim.is_closed(now) and status != Status.REJECTED else claim.expires_at,
        "dispute_deadline": deadlines.dispute_deadline(claim),
        "now": now,
        "tracker": tracker(claim, status),
        "slots": slot_views(claim, now=now),
        "surveys": surveys(claim, queued, posted, now=now),
        "comments": comments,
        "asked": next((comment for comment in comments if comment.party == Party.VENDOR), None),
        "events": claim.events.select_related("user"),
        "payable": payable_usd(claim, now),
        "consent_cap": SendCap.next_possible(QueuedSend.Kind.CONSENT_REQUEST, claim.pk, now=now),
        "consent_letter": posted.get(Message.Kind.CONSENT_REQUEST)
        if status == Status.AWAITING_CONSENT
        else None,
        "consent_queued": queued.get(QueuedSend.Kind.CONSENT_REQUEST),
        "watched": status in IN_REVIEW,
    }


def sees_engagement(claim: Claim, user: User) -> bool:
    """Whether the engagement's own pages exist for this person; a claim outlives a place on a private list."""
    private = claim.engagement.private_list
    return not private or Engagement.objects.visible_to(user).filter(pk=claim.engagement_id).exists()


def may_move(claim: Claim, action: str, now: datetime) -> bool:
    """Whether the table gives the partner this move from here; only missing evidence may still stand against it."""
    row = BY_ACTION.get((action, claim.status_at(now)))
    return (
        row is not None
        and row.by == Party.PARTNER
        and (action == "submit" or not any(guard(claim, now) for guard in row.needs))
    )


def payable_usd(claim: Claim, now: datetime) -> Decimal | None:
    """What the customer's consent has frozen; before it, what the claim would pay by today's rate card (DL-7)."""
    if claim.status_at(now) not in PRE_CONSENT:
        return claim.payable_usd
    country = claim.location.country.code
    due = payable(claim.engagement, country, now.date(), hours=claim.requested_hours)
    return due.amount_usd if due else None


def slot_views(claim: Claim, *, now: datetime) -> list[SlotView]:
    slots = list(claim.slots.select_related("template"))
    documents = list(claim.documents.current().select_related("uploaded_by"))
    shown = templates(claim, slots, now=now)
    return [
        SlotView(slot, [d for d in documents if d.slot_id == slot.pk], shown.get(slot.pk)) for slot in slots
    ]


def surveys(
    claim: Claim, queued: dict[str, QueuedSend], posted: dict[str, Letter], *, now: datetime
) -> list[SurveyView]:
    """Both surveys where the engagement asks for them (POE-4)."""
    rows = (
        (
            "customer",
            _("Customer Survey"),
            claim.customer_survey_required,
            claim.customer_survey_sent_at,
            claim.customer_survey_done_at,
        ),
        (
            "partner",
            _("Partner Survey"),
            claim.partner_survey_required,
            claim.partner_survey_sent_at,
            claim.partner_survey_done_at,
        ),
    )
    views = []
    for audience, title, required, sent, done in rows:
        if not required:
            continue
        status = _("Completed") if done else _("Not completed") if sent else _("Not initiated")
        kind = f"{audience}_survey"
        possible = SendCap.next_possible(kind, claim.pk, now=now)
        too_late = queued_sends.too_late(claim, possible) if possible else ""
        facts = (audience, title, status, done is not None, sent is not None)
        views.append(SurveyView(*facts, possible, too_late, queued.get(kind), posted.get(kind)))
    return views


EDITING = {Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT, Status.CONSENT_RECEIVED}
OUTCOMES: dict[Status, str | Promise] = {Status.ACTION_REQUIRED: _("Action required")}


def tracker(claim: Claim, status: Status) -> list[Milestone]:
    """Editing, Submitted, Under review and the outcome, each pending, current or done (POE-1)."""
    submitted, reviewed = claim.submitted_at, claim.reviewed_at if claim.submitted_at else None
    steps = [
        Milestone(_("Editing"), "current" if status in EDITING | {Status.DISPUTED} else "done", tasks=True)
    ]
    if status == Status.DISPUTED:
        steps.insert(0, Milestone(_("Disputed"), "done", claim.disputed_at))
    steps.append(
        Milestone(
            _("Submitted"),
            "current" if status == Status.SUBMITTED else "done" if submitted else "pending",
            submitted,
        )
    )
    waiting = status in {Status.SUBMITTED, Status.DISPUTED} | EDITING
    state = "current" if status == Status.UNDER_REVIEW else "done" if reviewed and not waiting else "pending"
    steps.append(Milestone(_("Under review"), state, reviewed if state != "pending" else None))
    if status in EDITING | IN_REVIEW | {Status.DISPUTED}:
        return [*steps, Milestone(Status.APPROVED.label, "pending")]
    return [*steps, Milestone(OUTCOMES.get(status, status.label), "current", claim.updated_at)]
