"""What a reviewer may decide about a claim now: read from the table of moves and its guards, never listed by hand (REV-3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from inspect import Parameter, signature

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims import lifecycle
from claims.guards import disputed_before, never_disputed
from claims.lifecycle import NotAllowed
from claims.models import Claim
from claims.states import IN_REVIEW, Party, Status
from claims.transitions import MOVES, Move
from incentives.models import User

VENDOR_MOVES = [move for move in MOVES if move.by == Party.VENDOR]
VERBS: dict[str, Callable[..., Claim]] = {move.action: getattr(lifecycle, move.action) for move in VENDOR_MOVES}

# How the button of a move looks and what the reviewer reads once it is made.
WORDS: dict[str, tuple[str | Promise, str, str | Promise]] = {
    "start_review": (gettext_lazy("Set under review"), "primary", gettext_lazy("Claim %(claim)s is under review.")),
    "request_action": (gettext_lazy("Action required"), "plain", gettext_lazy("Claim %(claim)s went back to the partner.")),
    "approve": (gettext_lazy("Approve"), "primary", gettext_lazy("Claim %(claim)s is approved.")),
    "reject": (gettext_lazy("Reject"), "danger", gettext_lazy("Claim %(claim)s is rejected.")),
    "reject_finally": (gettext_lazy("Reject final"), "danger", gettext_lazy("Claim %(claim)s is rejected finally.")),
}
# A claim meets exactly one of the two rejections, so the other one is not worth a button that says why not.
WHICH_REJECTION = {never_disputed, disputed_before}


class Tied(NotAllowed):
    """The reviewer belongs, or belonged, to the company whose claim this is (REV-3, A08)."""


@dataclass(frozen=True)
class Decision:
    """One button of the decision bar, with the reason where it cannot be pressed."""

    action: str
    label: str | Promise
    tone: str
    takes_comment: bool
    needs_comment: bool
    why_not: str


def decisions(claim: Claim, *, now: datetime) -> list[Decision]:
    """Every move that the table gives the vendor from the claim's present status, in the table's order."""
    status = claim.status_at(now)
    return [decision(move, claim, now) for move in VENDOR_MOVES if move.source == status and not belongs_to_other_case(move, claim, now)]


def belongs_to_other_case(move: Move, claim: Claim, now: datetime) -> bool:
    return any(guard(claim, now) for guard in move.needs if guard in WHICH_REJECTION)


def decision(move: Move, claim: Claim, now: datetime) -> Decision:
    label, tone, _done = WORDS[move.action]
    reasons = [reason for guard in move.needs if (reason := guard(claim, now))]
    return Decision(move.action, label, tone, takes_comment(move.action), needs_comment(move.action), " ".join(reasons))


def takes_comment(action: str) -> bool:
    return "comment" in signature(VERBS[action]).parameters


def needs_comment(action: str) -> bool:
    """Whether the verb cannot be called without a comment."""
    return takes_comment(action) and signature(VERBS[action]).parameters["comment"].default is Parameter.empty


def tie(user: User, claim: Claim) -> str:
    """Why this person may not decide this claim, or an empty string: nobody judges a company they are tied to (REV-3)."""
    roles = Q(partner_roles__partner=claim.partner_id) | Q(location_roles__location__partner=claim.partner_id)
    tied = user.partner_id == claim.partner_id or claim.created_by_id == user.pk
    if tied or User.objects.filter(roles, pk=user.pk).exists() or claim.documents.filter(uploaded_by=user).exists():
        return _("You are tied to %(company)s, so another reviewer has to decide this claim.") % {"company": claim.partner}
    return ""


def decide(claim: Claim, action: str, *, by: User, now: datetime, revision: int, comment: str) -> Claim:
    """Make the decision with the claim's own verb, which judges everything again under its lock."""
    if reason := tie(by, claim):
        raise Tied(reason)
    facts = {"comment": comment} if takes_comment(action) else {}
    return VERBS[action](claim, by=by, now=now, revision=revision, **facts)


def done(claim: Claim, action: str) -> str:
    """The sentence that confirms the decision."""
    return str(WORDS[action][2]) % {"claim": claim.pk}


def still_waits(claim: Claim) -> bool:
    return Status(claim.status) in IN_REVIEW
