"""The one way in which the catalogue is changed, whoever does it and however many records at once (ENG-8)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

import pghistory
from django.db import connection, models, transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from incentives.models import Location, User

from .catalogue_records import KEYS, KINDS, RULES, key_of
from .merge import Outcome
from .models import (
    ActivityType,
    Designation,
    Engagement,
    MarketList,
    RateCard,
    SolutionArea,
)
from .models.engagement import EngagementQuerySet
from .record_rows import Records, write
from .recordfile import FileRefused, Problem, Record
from .verdicts import judge_all

Codes = dict[str, set[str | None]]
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
        outcomes = write(change.found, change.was)
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
