"""What each kind of record in a catalogue file holds: the table behind engagements/data/README.md (ENG-8)."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from .models import Designation, Engagement, EvidenceSlot, IdKind, RateCard
from .recordfile import (
    Fields,
    Wrong,
    code,
    country,
    day,
    flag,
    group,
    list_of,
    money,
    one_of,
    optional,
    text,
    whole,
)

SMALL, LARGE = 32_767, 2_147_483_647  # the largest numbers of the columns
MARKETS = ("A", "B", "C")
SENTENCES = list_of(text(1000), most=100)
CLOCK = whole(1, 3650)
LIMIT = optional(whole(0, LARGE))

EVIDENCE: Fields = {
    "code": code(),
    "name": text(120),
    "kind": one_of(EvidenceSlot.Kind.INVOICE, EvidenceSlot.Kind.POE),
}
LIMITS: Fields = {
    "consents": LIMIT,
    "unique_customers": LIMIT,
    "approved": LIMIT,
    "concurrent": LIMIT,
    "scope": one_of(*Engagement.Scope.values),
}
REFERRAL: Fields = {
    "min_deal_size_usd": whole(0, 10**12),
    "segments": list_of(text(40), unique=True, most=100),
    "solution_area": text(80),
    "solution_play": text(200),
}

KINDS: dict[str, Fields] = {
    "solution_area": {
        "code": code(),
        "name": text(80),
        "position": whole(0, SMALL),
        "open_claims_limit": optional(whole(0, SMALL)),
    },
    "activity_type": {
        "code": code(),
        "name": text(80),
        "consent_days": CLOCK,
        "submit_days": CLOCK,
        "review_days": CLOCK,
        "dispute_days": CLOCK,
    },
    "designation": {
        "code": text(100),
        "name": text(120),
        "kind": one_of(*Designation.Kind.values),
    },
    "market_list": {
        "code": code(),
        "name": text(120),
        "source": text(200),
        "A": list_of(country, unique=True),
        "B": list_of(country, unique=True),
        "C": optional(one_of("*")),
    },
    "engagement": {
        "code": code(),
        "name": text(200),
        "solution_area": code(),
        "workload": text(80, empty=True),
        "partner_role": text(60),
        "payout": optional(one_of(*Engagement.Payout.values)),
        "activity_type": optional(code()),
        "opens_on": day,
        "closes_on": optional(day),
        "description": text(5000, empty=True),
        "requirements": SENTENCES,
        "partner_criteria": SENTENCES,
        "partner_criteria_any": list_of(text(100), unique=True, most=100),
        "customer_criteria": SENTENCES,
        "private_list": flag,
        "customer_list": flag,
        "id_types": list_of(one_of(*IdKind.values), unique=True),
        "customer_survey": flag,
        "partner_survey": flag,
        "evidence": list_of(group(EVIDENCE), most=20),
        "limits": optional(group(LIMITS)),
        "delivery_hours": optional(whole(1, SMALL)),
        "referral": optional(group(REFERRAL)),
        "name_source": text(200),
    },
    "rate_card": {
        "engagement": code(),
        "from": day,
        "to": optional(day),
        "market_list": code(),
        "A": optional(money),
        "B": optional(money),
        "C": optional(money),
        "unit": one_of(*RateCard.Unit.values),
        "cap": optional(money),
        "source": text(200),
        "sample_markets": list_of(one_of(*MARKETS), unique=True),
    },
    "private_list": {"engagement": code(), "locations": list_of(whole(1, LARGE), unique=True)},
    "canned_comment": {
        "engagement": code(),
        "code": code(),
        "title": text(120),
        "offered": flag,
        "english": text(4000),
        "french": text(4000),
        "japanese": text(4000),
    },
}

# What tells the records of one kind apart.
KEYS = dict.fromkeys(KINDS, ("code",)) | {
    "rate_card": ("engagement", "from"),
    "private_list": ("engagement",),
    "canned_comment": ("engagement", "code"),
}


def key_of(kind: str, values: dict[str, Any]) -> Any:
    """What a record is known by among those of its kind: a code, or several values."""
    parts = tuple(values[name] for name in KEYS[kind])
    return parts if len(parts) > 1 else parts[0]


# --- what the fields of one record must be among themselves: the field to mend, and a sentence ---

Rules = Callable[[dict[str, Any]], list[Wrong]]


def said(*findings: tuple[bool, str, str]) -> list[Wrong]:
    return [Wrong(field, sentence, sentence) for wrong, field, sentence in findings if wrong]


def activity_type(v: dict[str, Any]) -> list[Wrong]:
    too_short = v["review_days"] < v["submit_days"]
    return said((too_short, "review_days", _("“review_days” must not be less than “submit_days”.")))


def market_list(v: dict[str, Any]) -> list[Wrong]:
    both = sorted({*v["A"]} & {*v["B"]})
    twice = _("%(both)s: in “A” and in “B”. Keep each in one.") % {"both": ", ".join(both)}
    return said(
        (bool(both), "B", twice), (not (v["A"] or v["B"] or v["C"]), "A", _("No market has a country."))
    )


def engagement(v: dict[str, Any]) -> list[Wrong]:
    role = v["partner_role"]
    claimable = role == Engagement.PARTNER_ACTIVITIES
    slots = [slot["code"] for slot in v["evidence"]]
    too_early = bool(v["closes_on"] and v["closes_on"] < v["opens_on"])
    no_ids = _("“id_types” must name at least one kind of customer ID.")
    no_referral = not claimable and v["referral"] is not None
    return terms(v, role, claimable) + said(
        (too_early, "closes_on", _("“closes_on” is before “opens_on”.")),
        (claimable and not v["id_types"], "id_types", no_ids),
        (no_referral, "referral", _("“referral” must be null.")),
        (len({*slots}) < len(slots), "evidence", _("“evidence” has a code twice.")),
    )


def terms(v: dict[str, Any], role: str, claimable: bool) -> list[Wrong]:
    """What is claimed has all of these, what is only listed has none."""
    text = _("must be given for %(role)s.") if claimable else _("must be empty for %(role)s.")
    rule = _("must not be null") if claimable else _("must be null")
    return [
        Wrong(name, text % {"role": role}, f"“{name}”: {rule} ({role}).")
        for name in ("payout", "activity_type", "limits")
        if (v[name] is not None) != claimable
    ]


def rate_card(v: dict[str, Any]) -> list[Wrong]:
    unpaid = [market for market in v["sample_markets"] if v[market] is None]
    hourly = v["unit"] == RateCard.Unit.HOUR
    return said(
        (bool(v["to"] and v["to"] < v["from"]), "to", _("“to” is before “from”.")),
        (all(v[market] is None for market in MARKETS), "A", _("No market has a rate.")),
        (bool(unpaid), "sample_markets", _("“sample_markets” names a market that has no rate.")),
        (
            hourly != (v["cap"] is not None),
            "cap",
            _("“cap” belongs to a rate per hour, and to no other."),
        ),
    )


RULES: dict[str, Rules] = {
    "activity_type": activity_type,
    "market_list": market_list,
    "engagement": engagement,
    "rate_card": rate_card,
}
