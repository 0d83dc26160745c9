import inspect
import re
from pathlib import Path

import claims
from claims import deadlines, lifecycle
from claims.states import CLOSED, OPEN, Party
from claims.states import Status as S
from claims.transitions import BY_ACTION, EDGES, EXPIRY, MOVES

SOURCE = Path(claims.__file__).parent


def test_there_are_sixteen_statuses_with_the_exact_names():
    assert [status.label for status in S] == [
        "Customer claimed",
        "Awaiting customer consent",
        "Customer consent received",
        "Customer consent declined",
        "Customer consent expired",
        "Submitted",
        "Under review",
        "Partner action required",
        "Approved",
        "Rejected",
        "Disputed",
        "Rejected final",
        "Cancelled",
        "Not submitted claim expired",
        "Post submission claim expired",
        "Disputed claim expired",
    ]


def test_open_and_closed_are_as_the_specification_says():
    assert {
        S.CUSTOMER_CLAIMED,
        S.AWAITING_CONSENT,
        S.CONSENT_RECEIVED,
        S.SUBMITTED,
        S.UNDER_REVIEW,
        S.ACTION_REQUIRED,
        S.DISPUTED,
    } == OPEN
    assert set(S) == OPEN | CLOSED
    assert S.REJECTED in CLOSED


def test_every_status_can_be_reached_from_the_first():
    reached, waiting = {S.CUSTOMER_CLAIMED}, [S.CUSTOMER_CLAIMED]
    while waiting:
        source = waiting.pop()
        new = {move.target for move in MOVES if move.source == source} - reached
        reached |= new
        waiting += new
    assert reached == set(S)


def test_terminal_statuses_are_the_last_row_of_the_guide():
    assert set(S) - {move.source for move in MOVES} == {
        S.APPROVED,
        S.CANCELLED,
        S.CONSENT_DECLINED,
        S.REJECTED_FINAL,
        S.CONSENT_EXPIRED,
        S.NOT_SUBMITTED_EXPIRED,
        S.POST_SUBMISSION_EXPIRED,
        S.DISPUTE_EXPIRED,
    }


def test_an_action_has_one_row_per_status():
    assert len(BY_ACTION) == len(MOVES)


def test_every_action_is_a_verb_and_every_mover_has_one():
    actions = {move.action for move in MOVES}
    verbs = {
        name
        for name, value in vars(lifecycle).items()
        if inspect.isfunction(value) and value.__module__ == lifecycle.__name__
    }
    assert actions <= verbs


def test_expiry_is_the_systems_alone_and_every_expiring_status_has_a_clock():
    assert {move.by for move in MOVES if move.action == "expire"} == {Party.SYSTEM}
    # Reading 3.9: a rejection that nobody disputes keeps its label; its clock only closes the dispute.
    assert set(deadlines.CLOCKS) == set(EXPIRY) | {S.REJECTED}


def test_the_status_is_assigned_by_the_gate_and_the_set_based_job_alone():
    assignments = [
        f"{path.name}: {''.join(found.split())}"
        for path in sorted(SOURCE.rglob("*.py"))
        for found in re.findall(r"claim\.status =(?!=)|\.update\([^)]*?\bstatus=", path.read_text())
    ]
    assert assignments == ["expiry.py: .update(status=", "lifecycle.py: claim.status="]


def test_the_database_knows_the_same_edges():
    trigger = next(t for t in claims.models.Claim._meta.triggers if t.name == "only_legal_moves")
    assert sorted(trigger.transitions) == EDGES
