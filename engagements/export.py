"""The stored catalogue as records of its file, in one fixed order and spelling: the opposite of `changes` (ENG-8)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .catalogue_records import KINDS, LIMITS, MARKETS, REFERRAL
from .models import (
    ActivityType,
    CannedComment,
    Designation,
    Engagement,
    MarketList,
    PrivateListEntry,
    RateCard,
    SolutionArea,
)

Values = dict[str, Any]
SLOT = ("code", "name", "kind")


def catalogue_lines() -> Iterator[str]:
    """Every line of the file, without its end; a constant number of queries."""
    for kind, values in records():
        yield line(kind, values)


def line(kind: str, values: Values) -> str:
    return json.dumps({"record": kind} | plain(values), ensure_ascii=False)


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO text, money with two decimals as text."""
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value


def records() -> Iterator[tuple[str, Values]]:
    """Simple kinds first, then those that refer to them; sorted by what identifies them, the areas by their tabs."""
    yield from of("solution_area", SolutionArea.objects.all(), lambda v: (v["position"], v["code"]))
    yield from of("activity_type", ActivityType.objects.all())
    yield from of("designation", Designation.objects.all())
    yield from of("market_list", MarketList.objects.all())
    yield from of("engagement", Engagement.objects.prefetch_related("evidence"))
    yield from of("rate_card", RateCard.objects.select_related("engagement"), card_key)
    yield from private_lists()
    comments = CannedComment.objects.select_related("engagement")
    yield from of("canned_comment", comments, lambda v: (v["engagement"], v["code"]))


def card_key(values: Values) -> tuple[str, date]:
    return values["engagement"], values["from"]


def of(
    kind: str, rows: Iterable[Any], key: Callable[[Values], Any] = lambda values: values["code"]
) -> list[tuple[str, Values]]:
    """The records of one kind; sorted here, for the order of letters in the database differs from place to place."""
    return [(kind, values) for values in sorted((values_of(kind, row) for row in rows), key=key)]


def private_lists() -> list[tuple[str, Values]]:
    pairs = PrivateListEntry.objects.values_list("engagement__code", "location__partner_number")
    lists: dict[str, list[int]] = {}
    for code, number in sorted(pairs):
        lists.setdefault(code, []).append(number)
    return [("private_list", {"engagement": code, "locations": numbers}) for code, numbers in lists.items()]


# --- rows as records ---


def stored_under(kind: str, key: Any) -> Values | None:
    """The record that stands in the portal under this key (catalogue_records.KEYS), or None."""
    model, *names = ROWS[kind]
    row = model._default_manager.filter(
        **dict(zip(names, key if len(names) > 1 else [key], strict=True))
    ).first()
    return values_of(kind, row) if row else None


def values_of(kind: str, row: Any) -> Values:
    """The record of a stored row, or of one as its history keeps it, in Python types and in the order of its kind."""
    return MAKERS.get(kind, lambda row: taken(row, KINDS[kind]))(row)


def taken(row: Any, names: Iterable[str]) -> Values:
    return {name: getattr(row, name) for name in names}


def market_list(row: MarketList) -> Values:
    return taken(row, ("code", "name", "source")) | {market: row.countries[market] for market in MARKETS}


def engagement(row: Engagement) -> Values:
    claimable = row.partner_role == Engagement.PARTNER_ACTIVITIES
    limits = {name: getattr(row, f"limit_{name}") for name in LIMITS}
    made = {
        "solution_area": row.solution_area_id,
        "activity_type": row.activity_type_id,
        "payout": row.payout or None,
        "evidence": [taken(slot, SLOT) for slot in row.evidence.all()] if isinstance(row, Engagement) else [],
        "limits": limits if claimable else None,
        "referral": {name: row.referral[name] for name in REFERRAL} if row.referral else None,
    }
    return {name: made[name] if name in made else getattr(row, name) for name in KINDS["engagement"]}


def rate_card(row: RateCard) -> Values:
    rates = {market: getattr(row, f"rate_{market.lower()}") for market in MARKETS}
    made = rates | {
        "engagement": row.engagement.code,
        "from": row.starts_on,
        "to": row.ends_on,
        "market_list": row.market_list_id,
    }
    return {name: made[name] if name in made else getattr(row, name) for name in KINDS["rate_card"]}


def canned_comment(row: CannedComment) -> Values:
    return {"engagement": row.engagement.code} | taken(row, list(KINDS["canned_comment"])[1:])


ROWS: dict[str, tuple[Any, ...]] = {
    "solution_area": (SolutionArea, "code"),
    "activity_type": (ActivityType, "code"),
    "designation": (Designation, "code"),
    "market_list": (MarketList, "code"),
    "engagement": (Engagement, "code"),
    "rate_card": (RateCard, "engagement__code", "starts_on"),
    "canned_comment": (CannedComment, "engagement__code", "code"),
}
MAKERS: dict[str, Callable[[Any], Values]] = {
    "market_list": market_list,
    "engagement": engagement,
    "rate_card": rate_card,
    "canned_comment": canned_comment,
}
