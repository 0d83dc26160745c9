"""What each kind of record in a catalogue file holds: the table behind engagements/data/README.md (ENG-8)."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from .models import Designation, Engagement, EvidenceSlot, IdKind, RateCard
from .recordfile import (
    Fields,
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
SENTENCES = list_of(text(1000))
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
    "segments": list_of(text(40), unique=True),
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
        "description": text(10_000, empty=True),
        "requirements": SENTENCES,
        "partner_criteria": SENTENCES,
        "partner_criteria_any": list_of(text(100), unique=True),
        "customer_criteria": SENTENCES,
        "private_list": flag,
        "id_types": list_of(one_of(*IdKind.values), unique=True),
        "customer_survey": flag,
        "partner_survey": flag,
        "evidence": list_of(group(EVIDENCE)),
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
}


# --- what the fields of one record must be among themselves: each a sentence, or nothing ---

Rules = Callable[[dict[str, Any]], list[str]]


def said(*sentences: tuple[bool, str]) -> list[str]:
    return [sentence for wrong, sentence in sentences if wrong]


def activity_type(v: dict[str, Any]) -> list[str]:
    too_short = v["review_days"] < v["submit_days"]
    return said((too_short, _("“review_days” must not be less than “submit_days”.")))


def market_list(v: dict[str, Any]) -> list[str]:
    both = sorted({*v["A"]} & {*v["B"]})
    return said((bool(both), _("%(both)s: in “A” and in “B”. Keep each in one.") % {"both": ", ".join(both)}))


def engagement(v: dict[str, Any]) -> list[str]:
    claimable = v["partner_role"] == Engagement.PARTNER_ACTIVITIES
    terms = [name for name in ("payout", "activity_type", "limits") if (v[name] is not None) != claimable]
    slots = [slot["code"] for slot in v["evidence"]]
    rule = _("must not be null") if claimable else _("must be null")
    return said(
        (bool(v["closes_on"] and v["closes_on"] < v["opens_on"]), _("“closes_on” is before “opens_on”.")),
        (bool(terms), f"{', '.join(f'“{name}”' for name in terms)}: {rule} ({v['partner_role']})."),
        (claimable and not v["id_types"], _("“id_types” must name at least one kind of customer ID.")),
        (not claimable and v["referral"] is not None, _("“referral” must be null.")),
        (len({*slots}) < len(slots), _("“evidence” has a code twice.")),
    )


def rate_card(v: dict[str, Any]) -> list[str]:
    unpaid = [market for market in v["sample_markets"] if v[market] is None]
    hourly = v["unit"] == RateCard.Unit.HOUR
    return said(
        (bool(v["to"] and v["to"] < v["from"]), _("“to” is before “from”.")),
        (all(v[market] is None for market in MARKETS), _("No market has a rate.")),
        (bool(unpaid), _("“sample_markets” names a market that has no rate.")),
        (hourly != (v["cap"] is not None), _("“cap” belongs to a rate per hour, and to no other.")),
    )


RULES: dict[str, Rules] = {
    "activity_type": activity_type,
    "market_list": market_list,
    "engagement": engagement,
    "rate_card": rate_card,
}
