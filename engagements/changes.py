"""The one way in which the catalogue is changed, whoever does it and however many records at once (ENG-8)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

import pghistory
from django.db import connection, models, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from incentives.models import Location, User

from .catalogue_records import KEYS, KINDS, MARKETS, RULES, key_of
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
from .models.engagement import EngagementQuerySet
from .recordfile import FileRefused, Problem, Record
from .verdicts import judge_all

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
ONE_AT_A_TIME = 0x0CA7  # the number of the lock; any would do that nobody else uses


class Deed(models.TextChoices):
    """On which occasion the catalogue was changed, as its history tells."""

    DESK = "desk", _l("at the desk")
    UPLOAD = "upload", _l("by a file loaded at the desk")
    COMMAND = "command", _l("by import_catalogue")


@dataclass
class Change:
    """Sound records by kind and key, the codes of those that are not, and rate cards that got another first day."""

    found: Records
    unsound: Codes
    was: Mapping[tuple[str, date], tuple[str, date]]


def alone() -> None:
    """Until the transaction ends nobody else changes the catalogue, so that what was checked still holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


@transaction.atomic
def apply(change: Change, *, by: User | None, deed: Deed, now: datetime) -> dict[str, Outcome]:
    """Write all records, or none: raises FileRefused with every problem.

    What the records do not name stays as it is. Claims are not touched: each keeps the terms it was created under
    (DL-7). The history keeps who did it (`by`; None for a command) and on which occasion.
    Once the change is committed, every location is judged for the engagements that it names (ENG-7): not before, for
    that waits for whoever judges, and they may wait for a row that is changed here.
    """
    alone()
    if problems := list(why_not(change)):
        raise FileRefused(problems)
    with pghistory.context(by=by.pk if by else None, deed=deed.value):
        outcomes = write(change)
    if named := list(touched(change)):
        transaction.on_commit(partial(judge_all, now=now, engagements=named))
    return outcomes


def touched(change: Change) -> EngagementQuerySet:
    """The engagements whose terms, rates, lists or limits the change names."""
    found = change.found
    codes = {*found["engagement"], *found["private_list"], *(code for code, _start in found["rate_card"])}
    return Engagement.objects.filter(
        Q(code__in=codes)
        | Q(solution_area__in=found["solution_area"])
        | Q(activity_type__in=found["activity_type"])
        | Q(rate_cards__market_list__in=found["market_list"])
    ).distinct()


def write(change: Change) -> dict[str, Outcome]:
    found = change.found
    return {
        "solution areas": merge(SolutionArea, ["code"], by_code(found["solution_area"], plain_row)),
        "activity types": merge(ActivityType, ["code"], by_code(found["activity_type"], plain_row)),
        "designations": merge(Designation, ["code"], by_code(found["designation"], plain_row)),
        "market lists": merge(MarketList, ["code"], by_code(found["market_list"], market_row)),
        "engagements": merge(Engagement, ["code"], by_code(found["engagement"], engagement_row)),
        "evidence slots": write_slots(found["engagement"]),
        "rate cards": write_rate_cards(found["rate_card"], change.was),
        "private lists": write_private_lists(found["private_list"]),
        "canned comments": merge(CannedComment, ["engagement_id", "code"], comments(found["canned_comment"])),
    }


# --- what must hold among the records, and with what is stored ---


def collect(records: Iterable[Record], problems: list[Problem]) -> Change:
    """The sound records of each kind by their key, and the codes of the others."""
    found: Records = {kind: {} for kind in KINDS}
    unsound: Codes = {kind: set() for kind in KINDS}
    for record in records:
        if not record.sound:
            unsound[record.kind].add(record.values.get("code"))
            continue
        key = key_of(record.kind, record.values)
        rules = RULES.get(record.kind)
        wrong = rules(record.values) if rules else []
        problems += [Problem(record.line, w.sentence, w.field) for w in wrong]
        if first := found[record.kind].get(key):
            text = _("This record stands on line %(line)s already. Keep one of them.") % {"line": first.line}
            problems.append(Problem(record.line, text, KEYS[record.kind][-1]))
        found[record.kind].setdefault(key, record)
    return Change(found, unsound, {})


def why_not(change: Change) -> Iterator[Problem]:
    """Everything about these records that does not fit together, or not with what the portal has already."""
    yield from unknown_references(change)
    yield from unknown_designations(change)
    yield from unknown_locations(change.found)
    yield from wrong_units(change.found)
    yield from overlaps(change)


def unknown_references(change: Change) -> Iterator[Problem]:
    """A code must be that of a record of this file, or of something that the portal knows already."""
    found = change.found
    for kind in ("engagement", "rate_card", "private_list", "canned_comment"):
        for field in MODELS.keys() & KINDS[kind].keys():
            named = {record.values[field] for record in found[kind].values()} - {None}
            known = MODELS[field]._default_manager.filter(code__in=named).values_list("code", flat=True)
            unknown = named - found[field].keys() - change.unsound[field] - set(known)
            for record in found[kind].values():
                if record.values[field] in unknown:
                    text = _("“%(field)s”: “%(code)s” is not known. Check the code, or add its record.")
                    yield Problem(record.line, text % {"field": field, "code": record.values[field]}, field)


def unknown_designations(change: Change) -> Iterator[Problem]:
    """A criterion that no location can ever meet would be a typing error."""
    engagements = change.found["engagement"].values()
    asked = {code for record in engagements for code in record.values["partner_criteria_any"]}
    known = Designation.objects.filter(code__in=asked).values_list("code", flat=True)
    unknown = asked - change.found["designation"].keys() - change.unsound["designation"] - set(known)
    for record in engagements:
        for code in record.values["partner_criteria_any"]:
            if code in unknown:
                text = _(
                    "“partner_criteria_any”: “%(code)s” is not known. Check the code, or add its record."
                )
                yield Problem(record.line, text % {"code": code}, "partner_criteria_any")


def unknown_locations(found: Records) -> Iterator[Problem]:
    named = {number for record in found["private_list"].values() for number in record.values["locations"]}
    locations = Location.objects.filter(partner_number__in=named)
    unknown = named - set(locations.values_list("partner_number", flat=True))
    for record in found["private_list"].values():
        if strangers := [number for number in record.values["locations"] if number in unknown]:
            text = _("No location has this PartnerID: %(numbers)s.")
            yield Problem(record.line, text % {"numbers": ", ".join(map(str, strangers))}, "locations")


def wrong_units(found: Records) -> Iterator[Problem]:
    """A fixed payout is a rate per claim, a variable one a rate per hour; what is only listed has no rate."""
    named = {engagement for engagement, _start in found["rate_card"]}
    payouts = dict(Engagement.objects.filter(code__in=named).values_list("code", "payout"))
    payouts |= {code: record.values["payout"] or "" for code, record in found["engagement"].items()}
    for record in found["rate_card"].values():
        payout = payouts.get(record.values["engagement"])
        if payout == "":
            yield Problem(
                record.line, _("This engagement pays nothing, so it has no rate card."), "engagement"
            )
        elif payout and UNITS[payout] != record.values["unit"]:
            text = _("“unit” must be “%(unit)s” here.") % {"unit": UNITS[payout]}
            yield Problem(record.line, text, "unit")
    yield from units_left_behind(found)


def units_left_behind(found: Records) -> Iterator[Problem]:
    """The payout of an engagement cannot change while stored rate cards are of the other unit."""
    stored = RateCard.objects.filter(engagement__code__in=found["engagement"])
    for code, start, unit in stored.values_list("engagement__code", "starts_on", "unit"):
        record = found["engagement"][code]
        if (code, start) not in found["rate_card"] and UNITS.get(record.values["payout"]) != unit:
            text = _("“payout” does not fit the rate card from %(day)s, which is “%(unit)s”.")
            yield Problem(record.line, text % {"day": start, "unit": unit}, "payout")


class Period(NamedTuple):
    """When a rate card is in force, and the line it comes from; 0 where the portal has it already."""

    starts_on: date
    ends_on: date
    line: int


def overlaps(change: Change) -> Iterator[Problem]:
    """Two rate cards of one engagement must never be in force on the same day (ENG-9)."""
    periods: dict[str, list[Period]] = {}
    for (engagement, starts_on), record in change.found["rate_card"].items():
        period = Period(starts_on, record.values["to"] or date.max, record.line)
        periods.setdefault(engagement, []).append(period)
    replaced = {change.was.get(key, key) for key in change.found["rate_card"]}
    for card in RateCard.objects.filter(engagement__code__in=periods).select_related("engagement"):
        if (card.engagement.code, card.starts_on) not in replaced:
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
            text %= {"day": other.starts_on, "where": where}
            yield Problem(period.line or latest.line, text, "from" if period.line else "to")
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
