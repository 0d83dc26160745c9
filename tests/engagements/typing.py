"""The forms of the desk as the programme owner fills them in."""

from typing import Any

from engagements.desk.forms import FORMS
from engagements.desk.page import version
from engagements.export import values_of

Fields = dict[str, Any]


def typed(kind: str, row: Any = None, **changes: Any) -> Fields:
    """What a browser sends for the form of this row, or of a new one, with some fields typed over."""
    values = values_of(kind, row) if row is not None else None
    form = FORMS[kind](stored=values)
    sent: Fields = {"seen": version(kind, values)}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(value, bool):
            sent |= {name: "on"} if value else {}
        elif value is not None and not field.disabled:
            sent[name] = list(value) if isinstance(value, list) else str(value)
    return {name: value for name, value in (sent | changes).items() if value is not None}


def confirmed(kind: str, row: Any = None, **changes: Any) -> Fields:
    """The same, sent from the question that stands before saving."""
    return typed(kind, row, **changes) | {"confirmed": "yes"}


NEW: dict[str, Fields] = {
    "solution_area": {"code": "quantum", "name": "Quantum", "position": "9", "open_claims_limit": "3"},
    "activity_type": {
        "code": "sprint",
        "name": "Sprint",
        "consent_days": "10",
        "submit_days": "20",
        "review_days": "30",
        "dispute_days": "5",
    },
    "designation": {"code": "SP Quantum", "name": "Quantum", "kind": "designation"},
    "market_list": {
        "code": "nordic",
        "name": "Nordic",
        "source": "A letter",
        "A": "SE, NO",
        "B": "DK",
        "C": "*",
    },
    "engagement": {
        "code": "QUA-1",
        "name": "Quantum workshop",
        "name_source": "A letter",
        "solution_area": "modern-work-security",
        "partner_role": "Partner activities",
        "payout": "fixed",
        "activity_type": "standard",
        "opens_on": "2020-01-01",
        "id_types": ["domain", "tenant"],
        "evidence__0__name": "Report",
        "evidence__0__kind": "poe",
        "evidence__0__position": "1",
    },
    "canned_comment": {
        "code": "welcome",
        "title": "Welcome",
        "offered": "on",
        "english": "Thank you.",
        "french": "Merci.",
        "japanese": "ありがとう。",
    },
}


def card(engagement: str, **changes: Any) -> Fields:
    """A rate card that follows the one that every engagement of the tests has."""
    rates = {"A": "100", "B": "50.5", "C": "", "unit": "claim", "cap": ""}
    return {
        "engagement": engagement,
        "from": "2031-01-01",
        "to": "2031-12-31",
        "market_list": "everywhere",
        "source": "A letter",
        **rates,
        **changes,
    }
