"""Every status, every action, every party at the one gate: only the rows of the table of moves get through (A09)."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pgtrigger
import pytest

from claims import lifecycle
from claims.lifecycle import Refused
from claims.models import Claim
from claims.states import Party
from claims.states import Status as S
from claims.transitions import BY_ACTION, MOVES

from .every_status import DISPUTE_UNDER_REVIEW, claims_in_every_status
from .knocking import undone, writes

pytestmark = pytest.mark.django_db
ACTIONS = sorted({move.action for move in MOVES})
# Of two rows with the same status and party, the guards leave the one that fits the claim's past.
NOT_FOR = {S.UNDER_REVIEW: "reject_finally", DISPUTE_UNDER_REVIEW: "reject"}
# Without the instant of consent, the database itself would refuse the move.
FACTS = {"give_consent": {"consented_at": datetime.now(UTC)}}
CASES = [*S, DISPUTE_UNDER_REVIEW]


@pytest.fixture(scope="module")
def claims(lasting):
    return claims_in_every_status(datetime.now(UTC))


def legal(case: str, claim: Claim) -> set[tuple[str, Party]]:
    """What the table of moves lets through from here."""
    rows = {(move.action, move.by) for move in MOVES if move.source == claim.status}
    return {(action, party) for action, party in rows if action != NOT_FOR.get(case)}


def standing(claim: Claim) -> tuple[object, ...]:
    """Everything of a claim that a move changes, as the database has it."""
    kept = Claim.objects.get(pk=claim.pk)
    return (
        kept.status,
        kept.revision,
        kept.updated_at,
        kept.expires_at,
        kept.deal_size_usd,
        kept.events.count(),
    )


@pytest.mark.parametrize("case", CASES)
def test_the_gate_lets_through_the_rows_of_the_table_and_nothing_else(claims, case):
    claim, now = claims[case], datetime.now(UTC)
    # The wizard's step before the move; the move itself asks that it was done.
    Claim.objects.filter(pk=claim.pk, deal_size_usd=None).update(deal_size_usd=5000)
    before, through = standing(claim), set()
    for action, party in product(ACTIONS, Party):
        known, counted = Claim.objects.get(pk=claim.pk), writes()
        with undone():
            try:
                lifecycle.move(known, action, party=party, now=now, **FACTS.get(action, {}))
            except Refused:
                assert (standing(claim), writes()) == (before, counted), (action, party)
            else:
                target = BY_ACTION[action, claim.status].target
                assert standing(claim)[:3] == (target, before[1] + 1, now), (action, party)
                assert standing(claim)[-1] == before[-1] + 1
                through.add((action, party))

    assert through == legal(case, claim)


def act(action: str, claim: Claim, now: datetime) -> object:
    """Do one of the verbs, with all that it asks for; expiry at its instant."""
    verb, people = getattr(lifecycle, action), {"by": claim.created_by}
    more = {
        "request_consent": people | {"deal_size_usd": 5000},
        "give_consent": {},
        "decline_consent": {},
        "yield_to_rival": {},
        "expire": {},
        **{name: people | {"comment": "Why."} for name in ("request_action", "reject", "reject_finally")},
    }
    return verb(claim, now=now, **more.get(action, people))


@pytest.mark.parametrize("case", CASES)
def test_the_verbs_do_what_the_table_says_and_nothing_else(claims, case):
    claim, done = claims[case], set()
    for action in ACTIONS:
        known, before = Claim.objects.get(pk=claim.pk), standing(claim)
        late = action == "expire" and known.expires_at is not None
        with undone():
            try:
                answer = act(action, known, known.expires_at if late else datetime.now(UTC))
            except Refused:
                answer = False
            if answer is False:
                assert standing(claim) == before, action
            else:
                assert standing(claim)[0] == BY_ACTION[action, claim.status].target, action
                done.add(action)

    assert done == {action for action, _party in legal(case, claim)}


@pytest.mark.parametrize("case", CASES)
def test_nothing_expires_a_second_early(claims, case):
    claim, before = claims[case], standing(claims[case])
    early = (claim.expires_at or datetime.now(UTC)) - timedelta(seconds=1)
    assert lifecycle.expire(Claim.objects.get(pk=claim.pk), now=early) is False
    assert standing(claim) == before


def test_control_a_gate_without_the_row_check_lets_more_through(claims, monkeypatch):
    submit = BY_ACTION["submit", S.CONSENT_RECEIVED]
    monkeypatch.setitem(BY_ACTION, ("submit", S.APPROVED), submit._replace(source=S.APPROVED, needs=()))
    with pgtrigger.ignore("claims.Claim:only_legal_moves"), pytest.raises(AssertionError):
        test_the_gate_lets_through_the_rows_of_the_table_and_nothing_else(claims, S.APPROVED)
