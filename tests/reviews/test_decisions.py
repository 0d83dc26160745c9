from datetime import timedelta

from claims.models import ClaimEvent
from claims.states import Party, Status
from claims.transitions import MOVES
from reviews import decisions
from tests.factories import claim_at

DAY = timedelta(days=1)


def offered(claim, now):
    return {decision.action: decision.why_not for decision in decisions.decisions(claim, now=now)}


def test_every_move_of_the_vendor_has_a_verb_words_and_a_line_in_the_history():
    vendor = {move.action for move in MOVES if move.by == Party.VENDOR}
    assert set(decisions.VERBS) == set(decisions.WORDS) == vendor
    assert vendor < set(ClaimEvent.Action.values)


def test_a_comment_is_needed_where_the_verb_cannot_do_without():
    needed = {action for action in decisions.VERBS if decisions.needs_comment(action)}
    assert needed == {"request_action", "reject", "reject_finally"}


def test_a_dispute_is_approved_or_rejected_finally(now, dispute):
    assert offered(dispute(), now) == {"request_action": "", "approve": "", "reject_finally": ""}


def test_when_the_review_clock_has_passed_no_action_can_be_asked_for(db, now):
    claim = claim_at(Status.UNDER_REVIEW, now=now, age=130 * DAY)
    found = offered(claim, now)
    assert "approve or reject" in found["request_action"]
    assert (found["approve"], found["reject"]) == ("", "")


def test_an_overdue_claim_offers_nothing_before_any_job_has_run(db, now):
    claim = claim_at(Status.ACTION_REQUIRED, now=now)
    assert offered(claim, now + 200 * DAY) == {}
