"""Small questions about a claim that answer with an empty string, or with the sentence that the person will read."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import deadlines

if TYPE_CHECKING:
    from .models import Claim


def deal_size_given(claim: "Claim", now: datetime) -> str:
    return "" if claim.deal_size_usd is not None else _("Enter the deal size before you ask for consent.")


def evidence_complete(claim: "Claim", now: datetime) -> str:
    missing = [str(item.label) for item in claim.checklist() if not item.done]
    if not missing:
        return ""
    text = ngettext(
        "One item is still missing: %(items)s.", "These items are still missing: %(items)s.", len(missing)
    )
    return text % {"items": ", ".join(missing)}


def disputable(claim: "Claim", now: datetime) -> str:
    """A rejection can be disputed once, until the dispute clock has run out (DL-3)."""
    if claim.disputed_at:
        return _("A dispute of this claim was already decided; that decision is final.")
    deadline = deadlines.dispute_deadline(claim)
    if deadline and now >= deadline:
        return _("The %(days)s days for a dispute ended on %(date)s.") % {
            "days": claim.dispute_days,
            "date": f"{deadline:%Y-%m-%d %H:%M:%S} UTC",
        }
    return ""


def never_disputed(claim: "Claim", now: datetime) -> str:
    return _("This claim was disputed before: use Reject final.") if claim.disputed_at else ""


def disputed_before(claim: "Claim", now: datetime) -> str:
    return "" if claim.disputed_at else _("Only a disputed claim can be rejected finally: use Reject.")


def payable_known(claim: "Claim", now: datetime) -> str:
    """Approval books the amount that the customer's consent froze (DL-7, PAY-1)."""
    return (
        ""
        if claim.payable_usd is not None
        else _("No rate is known for this claim: ask the programme owner to add one.")
    )


def review_clock_runs(claim: "Claim", now: datetime) -> str:
    """A claim whose review clock has passed can only be approved or rejected (DL-2)."""
    deadline = deadlines.review_deadline(claim)
    if deadline is None or now < deadline:
        return ""
    return _(
        "The partner's time to answer has passed, so no action can be asked for: approve or reject the claim."
    )
