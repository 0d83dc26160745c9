"""The dossier: everything that a reviewer reads about one claim, gathered once (REV-2)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from claims import deadlines
from claims.case import payable_usd
from claims.models import Claim, ClaimEvent
from claims.states import IN_REVIEW, Party
from incentives.models import User

from . import queue
from .answers import filled
from .decisions import decisions, tie
from .files import folders

SENT_BACK = {ClaimEvent.Action.REQUEST_ACTION, ClaimEvent.Action.REJECT}
OTHERS = 5


def dossier(claim: Claim, user: User, *, now: datetime) -> dict[str, Any]:
    """The context of the review page for this person, as the claim is at this instant."""
    status = claim.status_at(now)
    allowed = claim.allowed(Party.VENDOR, now)
    events = list(claim.events.select_related("user"))
    sent_back_at = next((event.at for event in events if event.action in SENT_BACK), None)
    return {
        "claim": claim,
        "now": now,
        "status": status,
        "waits": status in IN_REVIEW,
        "payable": payable_usd(claim, now),
        "checklist": claim.checklist(),
        "folders": folders(claim, sent_back_at=sent_back_at, now=now) if "download_files" in allowed else [],
        "comments": claim.comments.select_related("author"),
        "events": events,
        "of_customer": others(claim, now, customer__organization=claim.customer.organization_id),
        "of_partner": others(claim, now, partner=claim.partner_id),
        **clocks(claim, now),
        **powers(claim, user, now),
    }


def clocks(claim: Claim, now: datetime) -> dict[str, Any]:
    """Until when the claim can be sent back, until when a dispute must be answered, and what is about to run out."""
    until = deadlines.review_deadline(claim)
    return {
        "review_deadline": until,
        "review_near": until is not None and until - now < queue.NEAR,
        "review_passed": until is not None and until <= now,
        "answer_by": queue.answer_by(claim),
        "expiry": claim.expires_at if not claim.is_closed(now) else None,
    }


def powers(claim: Claim, user: User, now: datetime) -> dict[str, Any]:
    """What this person may do on the page: decide, comment, read what was told in confidence."""
    may_decide = user.has_perm("claims.decide")
    found = decisions(claim, now=now) if may_decide else []
    tied = tie(user, claim) if found else ""
    comment_asked = not tied and any(decision.takes_comment for decision in found)
    allowed = claim.allowed(Party.VENDOR, now)
    may_read_surveys = user.has_perm("claims.read_surveys") and "read_surveys" in allowed
    return {
        "tied": tied,
        "decisions": [] if tied else found,
        "comment_asked": comment_asked,
        "canned_comments": claim.engagement.canned_comments.filter(offered=True) if comment_asked else [],
        "may_comment": user.has_perm("claims.comment") and "comment" in allowed,
        "may_read_reason": user.has_perm("claims.read_decline_reason"),
        "may_read_surveys": may_read_surveys,
        "surveys": filled(claim) if may_read_surveys else [],
    }


def others(claim: Claim, now: datetime, **shared: int) -> QuerySet:
    """The newest other claims of the same customer or partner, as they are at this instant."""
    rows = Claim.objects.as_of(now).exclude(pk=claim.pk).select_related(*queue.RELATED)
    return rows.defer("search_text", "search_vector").filter(**shared).order_by("-pk")[:OTHERS]
