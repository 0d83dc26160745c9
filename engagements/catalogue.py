"""Loading the catalogue of engagements: every problem named with its line, all of it or nothing (ENG-8)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from .catalogue_records import KINDS, MARKETS, RULES
from .merge import Outcome, merge
from .models import ActivityType, Designation, Engagement, EvidenceSlot, MarketList, RateCard, SolutionArea
from .recordfile import FileRefused, Problem, Record, read

Records = dict[str, dict[Any, Record]]
Codes = dict[str, set[str | None]]
Row = dict[str, Any]
MODELS: dict[str, type[Model]] = {
    "solution_area": SolutionArea,
    "activity_type": ActivityType,
    "designation": Designation,
    "market_list": MarketList,
    "engagement": Engagement,
}
UNITS: dict[str, str] = {
    Engagement.Payout.FIXED: RateCard.Unit.CLAIM,
    Engagement.Payout.VARIABLE: RateCard.Unit.HOUR,
}


@transaction.atomic
def load(path: Path) -> dict[str, Outcome]:
    """Write what the file says; raises FileRefused with every problem, and then nothing was loaded.

    Loading the same file again changes nothing. What the file does not name stays as it is.
    """
    problems: list[Problem] = []
    found, unsound = collect(read(path, KINDS, problems), problems)
    problems += [
        *unknown_references(found, unsound),
        *unknown_designations(found, unsound),
        *wrong_units(found),
        *overlaps(found),
    ]
    if problems:
        raise FileRefused(problems)
    return {
        "solution areas": merge(SolutionArea, ["code"], by_code(found["solution_area"], plain_row)),
        "activity types": merge(ActivityType, ["code"], by_code(found["activity_type"], plain_row)),
        "designations": merge(Designation, ["code"], by_code(found["designation"], plain_row)),
        "market lists": merge(MarketList, ["code"], by_code(found["market_list"], market_row)),
        "engagements": merge(Engagement, ["code"], by_code(found["engagement"], engagement_row)),
        "evidence slots": write_slots(found["engagement"]),
        "rate cards": merge(RateCard, ["engagement_id", "starts_on"], rate_cards(found["rate_card"])),
    }


def collect(records: Iterable[Record], problems: list[Problem]) -> tuple[Records, Codes]:
    """The sound records of each kind by their key, and the codes of the others."""
    found: Records = {kind: {} for kind in KINDS}
    unsound: Codes = {kind: set() for kind in KINDS}
    for record in records:
        values = record.values
        if not record.sound:
            unsound[record.kind].add(values.get("code"))
            continue
        key = values["code"] if "code" in values else (values["engagement"], values["from"])
        if record.kind in RULES:
            problems += [Problem(record.line, sentence) for sentence in RULES[record.kind](values)]
        if first := found[record.kind].get(key):
            text = _("This record stands on line %(line)s already. Keep one of them.") % {"line": first.line}
            problems.append(Problem(record.line, text))
        found[record.kind].setdefault(key, record)
    return found, unsound


def unknown_references(found: Records, unsound: Codes) -> Iterator[Problem]:
    """A code must be that of a record of this file, or of something that the portal knows already."""
    for kind in ("engagement", "rate_card"):
        for field in MODELS.keys() & KINDS[kind].keys():
            named = {record.values[field] for record in found[kind].values()} - {None}
            known = MODELS[field]._default_manager.filter(code__in=named).values_list("code", flat=True)
            unknown = named - found[field].keys() - unsound[field] - set(known)
            for record in found[kind].values():
                if record.values[field] in unknown:
                    text = _("“%(field)s”: “%(code)s” is not known. Check the code, or add its record.")
                    yield Problem(record.line, text % {"field": field, "code": record.values[field]})


def unknown_designations(found: Records, unsound: Codes) -> Iterator[Problem]:
    """A criterion that no location can ever meet would be a typing error."""
    asked = {
        code for record in found["engagement"].values() for code in record.values["partner_criteria_any"]
    }
    known = Designation.objects.filter(code__in=asked).values_list("code", flat=True)
    unknown = asked - found["designation"].keys() - unsound["designation"] - set(known)
    for record in found["engagement"].values():
        for code in record.values["partner_criteria_any"]:
            if code in unknown:
                text = _(
                    "“partner_criteria_any”: “%(code)s” is not known. Check the code, or add its record."
                )
                yield Problem(record.line, text % {"code": code})


def wrong_units(found: Records) -> Iterator[Problem]:
    """A fixed payout is a rate per claim, a variable one a rate per hour; what is only listed has no rate."""
    named = {engagement for engagement, _start in found["rate_card"]}
    payouts = dict(Engagement.objects.filter(code__in=named).values_list("code", "payout"))
    payouts |= {code: record.values["payout"] or "" for code, record in found["engagement"].items()}
    for record in found["rate_card"].values():
        payout = payouts.get(record.values["engagement"])
        if payout == "":
            yield Problem(record.line, _("This engagement pays nothing, so it has no rate card."))
        elif payout and UNITS[payout] != record.values["unit"]:
            yield Problem(record.line, _("“unit” must be “%(unit)s” here.") % {"unit": UNITS[payout]})


class Period(NamedTuple):
    """When a rate card is in force, and the line it comes from; 0 where the portal has it already."""

    starts_on: date
    ends_on: date
    line: int


def overlaps(found: Records) -> Iterator[Problem]:
    """Two rate cards of one engagement must never be in force on the same day (ENG-9)."""
    periods: dict[str, list[Period]] = {}
    for (engagement, starts_on), record in found["rate_card"].items():
        period = Period(starts_on, record.values["to"] or date.max, record.line)
        periods.setdefault(engagement, []).append(period)
    for card in RateCard.objects.filter(engagement__code__in=periods).select_related("engagement"):
        if (card.engagement.code, card.starts_on) not in found["rate_card"]:
            periods[card.engagement.code].append(Period(card.starts_on, card.ends_on or date.max, 0))
    for of_engagement in periods.values():
        yield from clashes(sorted(of_engagement))


def clashes(periods: list[Period]) -> Iterator[Problem]:
    """One problem for each period that begins before an earlier one has ended."""
    latest = periods[0]
    for period in periods[1:]:
        if period.starts_on <= latest.ends_on and (period.line or latest.line):
            other = latest if period.line else period
            where = _("line %(line)s") % {"line": other.line} if other.line else _("already in the portal")
            text = _("Overlaps the rate card from %(day)s (%(where)s). Let one end before the other starts.")
            yield Problem(period.line or latest.line, text % {"day": other.starts_on, "where": where})
        latest = max(latest, period, key=lambda p: p.ends_on)


# --- records as rows ---


def by_code(records: dict[str, Record], row: Callable[[Row], Row]) -> dict[tuple[str], Row]:
    return {(code,): row(record.values) for code, record in records.items()}


def plain_row(values: Row, *left_out: str) -> Row:
    return {name: value for name, value in values.items() if name not in {"code", *left_out}}


def market_row(values: Row) -> Row:
    countries = {market: values[market] for market in MARKETS}
    return {"name": values["name"], "source": values["source"], "countries": countries}


def engagement_row(values: Row) -> Row:
    """The columns of an engagement; where a name was found (`name_source`) stays in the file."""
    limits = values["limits"] or {}
    renamed = ("solution_area", "activity_type", "payout", "evidence", "limits", "name_source")
    return plain_row(values, *renamed) | {
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
    """The evidence slots of each engagement in the order of the file; slots it no longer names go.

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


def rate_cards(records: dict[tuple[str, date], Record]) -> dict[tuple[int, date], Row]:
    ids = ids_of(code for code, _starts_on in records)
    return {(ids[code], starts_on): card_row(record.values) for (code, starts_on), record in records.items()}


def card_row(values: Row) -> Row:
    rates = {f"rate_{market.lower()}": values[market] for market in MARKETS}
    kept = {name: values[name] for name in ("unit", "cap", "source", "sample_markets")}
    return rates | kept | {"ends_on": values["to"], "market_list_id": values["market_list"]}


def ids_of(codes: Iterable[str]) -> dict[str, int]:
    return dict(Engagement.objects.filter(code__in=set(codes)).values_list("code", "pk"))
