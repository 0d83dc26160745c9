"""The life of a claim: every legal move, who may make it, and what must hold first."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from .guards import (
    deal_size_given,
    disputable,
    disputed_before,
    evidence_complete,
    never_disputed,
    payable_known,
    review_clock_runs,
)
from .states import Party
from .states import Status as S

if TYPE_CHECKING:
    from .models import Claim

Guard = Callable[["Claim", datetime], str]


class Move(NamedTuple):
    action: str
    source: S
    target: S
    by: Party
    needs: tuple[Guard, ...] = ()


P, C, M, SYSTEM = Party.PARTNER, Party.CUSTOMER, Party.VENDOR, Party.SYSTEM

# fmt: off
MOVES = (
    Move("request_consent", S.CUSTOMER_CLAIMED, S.AWAITING_CONSENT,        P, (deal_size_given,)),
    Move("give_consent",    S.AWAITING_CONSENT, S.CONSENT_RECEIVED,        C),
    Move("decline_consent", S.AWAITING_CONSENT, S.CONSENT_DECLINED,        C),
    Move("submit",          S.CONSENT_RECEIVED, S.SUBMITTED,               P, (evidence_complete,)),
    Move("start_review",    S.SUBMITTED,        S.UNDER_REVIEW,            M),
    Move("request_action",  S.UNDER_REVIEW,     S.ACTION_REQUIRED,         M, (review_clock_runs,)),
    Move("submit",          S.ACTION_REQUIRED,  S.SUBMITTED,               P, (evidence_complete,)),
    Move("approve",         S.UNDER_REVIEW,     S.APPROVED,                M, (payable_known,)),
    Move("reject",          S.UNDER_REVIEW,     S.REJECTED,                M, (never_disputed,)),
    Move("dispute",         S.REJECTED,         S.DISPUTED,                P, (disputable,)),
    Move("submit",          S.DISPUTED,         S.SUBMITTED,               P, (evidence_complete,)),
    Move("reject_finally",  S.UNDER_REVIEW,     S.REJECTED_FINAL,          M, (disputed_before,)),

    Move("cancel",          S.CUSTOMER_CLAIMED, S.CANCELLED,               P),
    Move("cancel",          S.AWAITING_CONSENT, S.CANCELLED,               P),
    Move("cancel",          S.CONSENT_RECEIVED, S.CANCELLED,               P),

    Move("expire",          S.CUSTOMER_CLAIMED, S.CONSENT_EXPIRED,         SYSTEM),
    Move("expire",          S.AWAITING_CONSENT, S.CONSENT_EXPIRED,         SYSTEM),
    Move("expire",          S.CONSENT_RECEIVED, S.NOT_SUBMITTED_EXPIRED,   SYSTEM),
    Move("expire",          S.ACTION_REQUIRED,  S.POST_SUBMISSION_EXPIRED, SYSTEM),
    Move("expire",          S.DISPUTED,         S.DISPUTE_EXPIRED,         SYSTEM),
    Move("yield_to_rival",  S.CUSTOMER_CLAIMED, S.REJECTED_FINAL,          SYSTEM),
    Move("yield_to_rival",  S.AWAITING_CONSENT, S.REJECTED_FINAL,          SYSTEM),
)
# fmt: on

BY_ACTION: dict[tuple[str, str], Move] = {(move.action, move.source): move for move in MOVES}
EXPIRY: dict[S, S] = {move.source: move.target for move in MOVES if move.action == "expire"}
EDGES: list[tuple[str, str]] = sorted({(move.source.value, move.target.value) for move in MOVES})
