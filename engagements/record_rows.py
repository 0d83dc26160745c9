"""Catalogue records as rows of the tables: the only place that writes them, called by `changes.apply` alone."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from incentives.models import Location

from .catalogue_records import MARKETS
from .merge import Outcome, merge
from .models import (
    ActivityType,
    CannedComment,
    Designation,
    Engagement,
    EvidenceSlot,
    MarketList,
    PrivateListEntry,
    RateCard,
    SolutionArea,
)
from .recordfile import Record

Records = dict[str, dict[Any, Record]]
Row = dict[str, Any]


def write(found: Records, was: Mapping[Any, Any]) -> dict[str, Outcome]:
    """Bring the tables in line with sound records, simple kinds first; inside the transaction of `changes.apply`."""
    return {
        "solution areas": merge(SolutionArea, ["code"], by_code(found["solution_area"], plain_row)),
        "activity types": merge(ActivityType, ["code"], by_code(found["activity_type"], plain_row)),
        "designations": merge(Designation, ["code"], by_code(found["designation"], plain_row)),
        "market lists": merge(MarketList, ["code"], by_code(found["market_list"], market_row)),
        "engagements": merge(Engagement, ["code"], by_code(found["engagement"], engagement_row)),
        "evidence slots": write_slots(found["engagement"]),
        "rate cards": write_rate_cards(found["rate_card"], was),
        "private lists": write_private_lists(found["private_list"]),
        "canned comments": merge(CannedComment, ["engagement_id", "code"], comments(found["canned_comment"])),
    }


def by_code(records: dict[str, Record], row: Callable[[Row], Row]) -> dict[tuple[str], Row]:
    return {(code,): row(record.values) for code, record in records.items()}


def plain_row(values: Row, *left_out: str) -> Row:
    return {name: value for name, value in values.items() if name not in {"code", *left_out}}


def market_row(values: Row) -> Row:
    countries = {market: values[market] for market in MARKETS}
    return {"name": values["name"], "source": values["source"], "countries": countries}


def engagement_row(values: Row) -> Row:
    """The columns of an engagement; its upload slots are rows of their own."""
    limits = values["limits"] or {}
    return plain_row(values, "solution_area", "activity_type", "payout", "evidence", "limits") | {
        "solution_area_id": values["solution_area"],
        "activity_type_id": values["activity_type"],
        "payout": values["payout"] or "",
        "limit_consents": limits.get("consents"),
        "limit_unique_customers": limits.get("unique_customers"),
        "limit_approved": limits.get("approved"),
        "limit_concurrent": limits.get("concurrent"),
        "limit_scope": limits.get("scope", Engagement.Scope.CUSTOMER_ID),
    }


def write_slots(records: dict[str, Record]) -> Outcome:
    """The evidence slots of each engagement in the order of its record; slots it no longer names go.

    Claims are not touched: each keeps the slots it was created with (DL-7).
    """
    ids = ids_of(records)
    wanted = {
        (ids[code], slot["code"]): {"name": slot["name"], "kind": slot["kind"], "position": position}
        for code, record in records.items()
        for position, slot in enumerate(record.values["evidence"], 1)
    }
    stored = EvidenceSlot.objects.filter(engagement__in=ids.values())
    gone = [slot.pk for slot in stored if (slot.engagement_id, slot.code) not in wanted]
    EvidenceSlot.objects.filter(pk__in=gone).delete()
    outcome = merge(EvidenceSlot, ["engagement_id", "code"], wanted)
    outcome.changed += len(gone)
    return outcome


def write_private_lists(records: dict[str, Record]) -> Outcome:
    """The locations of each named list as its record says: others go from the list (ENG-2)."""
    ids = ids_of(records)
    numbers = {number for record in records.values() for number in record.values["locations"]}
    places = dict(Location.objects.filter(partner_number__in=numbers).values_list("partner_number", "pk"))
    wanted: dict[tuple[int, int], Row] = {
        (ids[code], places[number]): {}
        for code, record in records.items()
        for number in record.values["locations"]
    }
    stored = PrivateListEntry.objects.filter(engagement__in=ids.values())
    gone = [entry.pk for entry in stored if (entry.engagement_id, entry.location_id) not in wanted]
    PrivateListEntry.objects.filter(pk__in=gone).delete()
    outcome = merge(PrivateListEntry, ["engagement_id", "location_id"], wanted)
    outcome.changed += len(gone)
    return outcome


def write_rate_cards(records: dict[Any, Record], was: Mapping[Any, Any]) -> Outcome:
    ids = ids_of(code for code, _starts_on in records)
    wanted = {
        (ids[code], starts_on): card_row(record.values) for (code, starts_on), record in records.items()
    }
    moved = {(ids[code], day): (ids[code], old_day) for (code, day), (_code, old_day) in was.items()}
    return merge(RateCard, ["engagement_id", "starts_on"], wanted, moved)


def card_row(values: Row) -> Row:
    rates = {f"rate_{market.lower()}": values[market] for market in MARKETS}
    kept = {name: values[name] for name in ("unit", "cap", "source", "sample_markets")}
    return rates | kept | {"ends_on": values["to"], "market_list_id": values["market_list"]}


def comments(records: dict[tuple[str, str], Record]) -> dict[tuple[int, str], Row]:
    ids = ids_of(code for code, _comment in records)
    return {
        (ids[code], name): plain_row(record.values, "engagement") for (code, name), record in records.items()
    }


def ids_of(codes: Iterable[str]) -> dict[str, int]:
    return dict(Engagement.objects.filter(code__in=set(codes)).values_list("code", "pk"))
