"""Who may do what in which status: the guide's table of allowed actions, kept as the text that people read (ACT-1).

P partner, C customer, M the vendor's reviewers. The guide's last column, "change status", is not typed again here: it
follows from `transitions.MOVES`.
"""

from .states import Party
from .states import Status as S

TABLE = """
.                       claimed  awaiting  consented  in_review  action_required  rejected  disputed  final
view                    PM       PM        PM         PM         PM               PM        PM        PM
comment                 PM       PM        PM         PM         PM               PM        PM        PM
edit_contacts           P        P         P          -          -                -         -         -
request_consent         P        P         -          -          -                -         -         -
answer_consent          -        C         -          -          -                -         -         -
send_surveys            -        -         P          -          -                -         -         -
answer_partner_survey   -        -         P          -          P                -         -         -
answer_customer_survey  -        -         C          -          C                -         -         -
change_files            -        -         P          -          P                -         P         -
download_files          -        -         PM         PM         PM               PM        PM        PM
read_surveys            -        -         -          M          M                M         M         M
"""

GROUPS: dict[str, set[S]] = {
    "claimed": {S.CUSTOMER_CLAIMED},
    "awaiting": {S.AWAITING_CONSENT},
    "consented": {S.CONSENT_RECEIVED},
    "in_review": {S.SUBMITTED, S.UNDER_REVIEW},
    "action_required": {S.ACTION_REQUIRED},
    "rejected": {S.REJECTED},
    "disputed": {S.DISPUTED},
    "final": {
        S.APPROVED,
        S.CANCELLED,
        S.CONSENT_DECLINED,
        S.REJECTED_FINAL,
        S.CONSENT_EXPIRED,
        S.NOT_SUBMITTED_EXPIRED,
        S.POST_SUBMISSION_EXPIRED,
        S.DISPUTE_EXPIRED,
    },
}


def read(table: str) -> dict[tuple[str, S], frozenset[Party]]:
    """Turn the text into cells; an unknown status, a missing cell or a strange letter fails at import."""
    head, *rows = (line.split() for line in table.strip().splitlines())
    cells: dict[tuple[str, S], frozenset[Party]] = {}
    for action, *letters in rows:
        for group, cell in zip(head[1:], letters, strict=True):
            parties = frozenset(Party(letter) for letter in cell if letter != "-")
            cells |= {(action, status): parties for status in GROUPS[group]}
    missing = {(row[0], status) for row in rows for status in S} - set(cells)
    if missing:
        raise ValueError(f"The table of allowed actions lacks {sorted(missing)}")
    return cells


CELLS = read(TABLE)
ACTIONS = tuple(dict.fromkeys(action for action, _ in CELLS))


def allowed(status: str, party: Party) -> frozenset[str]:
    """Every action of the table that this party may take while a claim has this status."""
    return frozenset(action for action in ACTIONS if party in CELLS[action, S(status)])
