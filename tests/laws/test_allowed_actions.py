import pytest

from claims import access
from claims.states import Party
from claims.states import Status as S
from claims.transitions import MOVES

from . import seed

ACTION_CELLS = [cell for cell in seed.cells() if cell[0] in seed.ACTIONS]
STATUS_CELLS = [cell for cell in seed.cells() if cell[0] == seed.CHANGE_STATUS]


def test_the_guides_table_has_a_cell_for_every_action_and_status():
    assert len(seed.cells()) == 12 * 16
    assert set(seed.ACTIONS.values()) == set(access.ACTIONS)


@pytest.mark.parametrize(
    ("column", "status", "parties"),
    ACTION_CELLS,
    ids=[f"{column}-{status}" for column, status, _ in ACTION_CELLS],
)
def test_every_cell_is_the_guides(column, status, parties):
    assert access.CELLS[seed.ACTIONS[column], status] == parties


@pytest.mark.parametrize(
    ("column", "status", "parties"), STATUS_CELLS, ids=[str(status) for _, status, _ in STATUS_CELLS]
)
def test_who_may_change_the_status_follows_from_the_moves(column, status, parties):
    movers = {move.by for move in MOVES if move.source == status} - {Party.SYSTEM}
    # Reading 3.6: the guide's text lets the partner cancel at any time before the first submit, so also while awaiting.
    exception = {Party.PARTNER} if status == S.AWAITING_CONSENT else set()
    assert movers == parties | exception


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (access.TABLE.replace("PM       PM ", "PM       PX ", 1), "a strange letter"),
        (access.TABLE.replace("in_review", "in_rewiev", 1), "an unknown status"),
        (access.TABLE.replace("PM\ncomment", "\ncomment", 1), "a missing cell"),
    ],
)
def test_a_broken_table_fails_at_import(broken, why):
    assert broken != access.TABLE
    with pytest.raises((ValueError, KeyError)):
        access.read(broken)
