"""What a reviewer may decide about a claim now: read from the table of moves and its guards (REV-3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from inspect import Parameter, signature

from django.db.models import Exists, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from claims import lifecycle
from claims.guards import disputed_before, never_disputed
from claims.lifecycle import NotAllowed
from claims.models import Claim
from claims.states import IN_REVIEW, Party, Status
from claims.transitions import MOVES, Move
from incentives.models import AuditEntry, User

VENDOR_MOVES = [move for move in MOVES if move.by == Party.VENDOR]
VERBS: dict[str, Callable[..., Claim]] = {m.action: getattr(lifecycle, m.action) for m in VENDOR_MOVES}

# The words on the button of a move, its tone, and what the reviewer reads once the move is made.
WORDS: dict[str, tuple[str | Promise, str, str | Promise]] = {
    "start_review": (_l("Set under review"), "primary", _l("Claim %(claim)s is under review.")),
    "request_action": (_l("Action required"), "plain", _l("Claim %(claim)s went back to the partner.")),
    "approve": (_l("Approve"), "primary", _l("Claim %(claim)s is approved.")),
    "reject": (_l("Reject"), "danger", _l("Claim %(claim)s is rejected.")),
    "reject_finally": (_l("Reject final"), "danger", _l("Claim %(claim)s is rejected finally.")),
}
# A claim meets exactly one of the two rejections, so the other one is not worth a button that says why not.
WHICH_REJECTION = {never_disputed, disputed_before}


class Tied(NotAllowed):
    """The reviewer belonged to the company whose claim this is, or worked on it for them (REV-3, A08)."""


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
    moves = [move for move in VENDOR_MOVES if move.source == claim.status_at(now)]
    return [decision(move, claim, now) for move in moves if not belongs_to_other_case(move, claim, now)]


def belongs_to_other_case(move: Move, claim: Claim, now: datetime) -> bool:
    return any(guard(claim, now) for guard in move.needs if guard in WHICH_REJECTION)


def decision(move: Move, claim: Claim, now: datetime) -> Decision:
    label, tone, _done = WORDS[move.action]
    reasons = [reason for guard in move.needs if (reason := guard(claim, now))]
    action = move.action
    return Decision(action, label, tone, takes_comment(action), needs_comment(action), " ".join(reasons))


def takes_comment(action: str) -> bool:
    return "comment" in signature(VERBS[action]).parameters


def needs_comment(action: str) -> bool:
    """Whether the verb cannot be called without a comment."""
    return takes_comment(action) and signature(VERBS[action]).parameters["comment"].default is Parameter.empty


def tie(user: User, claim: Claim) -> str:
    """Why this person may not decide this claim, or an empty string: nobody judges a company of their own (REV-3)."""
    if not took_part(user, claim) and not belonged(user, claim.partner_id):
        return ""
    words = _("You are tied to %(company)s, so another reviewer has to decide this claim.")
    return words % {"company": claim.partner}


def took_part(user: User, claim: Claim) -> bool:
    """Whether this person worked on the claim for the partner: created it, uploaded to it, submitted it."""
    worked = claim.events.filter(user=user, party=Party.PARTNER)
    return claim.created_by_id == user.pk or worked.exists()


def belonged(user: User, company: int) -> bool:
    """Whether this person was one of the company's: staff belong to no partner, but roles and the audit remember."""
    held = Q(partner_roles__partner=company) | Q(location_roles__location__partner=company)
    told_of = AuditEntry.objects.filter(person=user, partner=company)
    return User.objects.filter(held | Exists(told_of), pk=user.pk).exists()


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
