"""A claim in each of the sixteen statuses at the desk: it can be read and discussed, and decided as the table says."""

from datetime import UTC, datetime

import pytest

from claims.models import Claim
from claims.states import Party, Status
from claims.transitions import BY_ACTION, MOVES
from tests.doors.knocking import undone
from tests.factories import LocationFactory, StaffFactory, UserFactory, claim_at, give_role

from ..test_decisions import offered
from .test_claim import send, text, url
from .test_decisions import ACTIONS, kept

# One process of the test run makes the claims that all of these look at.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("every status at the desk")]


@pytest.fixture(scope="module")
def claims(lasting) -> dict[Status, Claim]:
    now, location, reviewer = datetime.now(UTC), LocationFactory(), StaffFactory()
    user = give_role(UserFactory(partner=location.partner), location)
    return {
        status: claim_at(status, now=now, location=location, by=user, reviewer=reviewer) for status in Status
    }


@pytest.fixture(params=Status)
def claim(request, claims) -> Claim:
    return Claim.objects.get(pk=claims[request.param].pk)


def test_every_claim_can_be_read_whatever_became_of_it(desk, claim):
    response = desk.get(url(claim))
    assert response.status_code == 200
    assert response.context["status"] == claim.status
    assert f"Claim {claim.pk} | {claim.name}" in text(response)


def test_answers_are_read_only_in_the_statuses_of_the_table(desk, answered, claim):
    closed = {Status.CUSTOMER_CLAIMED, Status.AWAITING_CONSENT, Status.CONSENT_RECEIVED}
    assert ("Contoso Ltd" in text(desk.get(url(answered(claim))))) == (claim.status not in closed)


def test_a_reviewer_comments_in_every_status(desk, reviewer, claim):
    before = claim.comments.count()
    assert send(desk, claim, "Which tenant is this?").url == url(claim)
    newest = claim.comments.first()
    assert (newest.text, newest.party, newest.author) == ("Which tenant is this?", Party.VENDOR, reviewer)
    assert claim.comments.count() == before + 1
    assert "Which tenant is this?" in text(desk.get(url(claim)))


def test_every_decision_does_what_the_table_says(desk, decide, claim):
    """`reject_finally` has a move from Under review, but only for a dispute, which this claim is not."""
    before = kept(claim)
    for action in ACTIONS:
        move = BY_ACTION.get((action, claim.status)) if action != "reject_finally" else None
        with undone():
            response = decide(desk, claim, action)
            if move:
                assert response.status_code == 302
                assert Claim.objects.get(pk=claim.pk).status == move.target
            else:
                assert response.status_code in {403, 409, 422}
                assert kept(claim) == before


def test_the_buttons_are_the_moves_of_the_table(now, claim):
    other_case = {"reject"} if claim.disputed_at else {"reject_finally"}
    moves = [move.action for move in MOVES if move.by == Party.VENDOR and move.source == claim.status]
    assert list(offered(claim, now)) == [action for action in moves if action not in other_case]
