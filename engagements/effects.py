"""What a change of the catalogue would touch, found out by making it and taking it back (ENG-8)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incentives.effects import Effect
from incentives.models import Location, User

from . import changes, verdicts
from .changes import Change, Deed
from .eligibility import with_rates
from .export import catalogue_lines, line
from .merge import Outcome
from .models import Engagement, MarketList

NAMED = 5


@dataclass(frozen=True)
class Rehearsal:
    """What would come of a change: rows by kind, and everything it touches."""

    outcomes: dict[str, Outcome]
    effects: list[Effect]


Told = Callable[[list[Engagement]], Iterable[Effect]]


def rehearse(change: Change, *, by: User, told: Told, now: datetime) -> Rehearsal:
    """Make the change, look, and take it back; `told` says what rooms above know of the engagements touched.

    Raises FileRefused like the change itself.
    """
    with transaction.atomic():
        new = different(change)
        markets = list(MarketList.objects.filter(code__in=new.found["market_list"]))
        before = eligible(claimable(new), now)
        outcomes = changes.apply(change, by=by, deed=Deed.DESK, now=now)
        engagements = claimable(new)
        after = eligible(engagements, now)
        effects = [*of_locations(before, after), *of_markets(markets), *told(engagements)]
        transaction.set_rollback(True)
    return Rehearsal(outcomes, effects)


def different(change: Change) -> Change:
    """The records of a change that the catalogue does not hold already, word for word."""
    stored = set(catalogue_lines())
    found = {
        kind: {key: record for key, record in records.items() if line(kind, record.values) not in stored}
        for kind, records in change.found.items()
    }
    return replace(change, found=found)


def claimable(change: Change) -> list[Engagement]:
    """Those of the engagements touched that partners can claim."""
    return list(changes.touched(change).for_partners())


def eligible(engagements: list[Engagement], now: datetime) -> dict[int, set[int]]:
    """The keys of the locations that may claim each engagement, judged anew, for what is kept knows no rehearsal."""
    enrolled = Location.objects.enrolled().values_list("pk", flat=True)
    places: dict[int, set[int]] = {engagement.pk: set() for engagement in engagements}
    for (engagement, place), verdict in verdicts.found(with_rates(engagements), enrolled, now=now).items():
        if verdict.eligible:
            places[engagement].add(place)
    return places


def of_locations(before: dict[int, set[int]], after: dict[int, set[int]]) -> list[Effect]:
    gained = {place for pk, places in after.items() for place in places - before.get(pk, set())}
    lost = {place for pk, places in before.items() for place in places - after.get(pk, set())}
    found = []
    if gained:
        text = ngettext("%(n)s location becomes eligible", "%(n)s locations become eligible", len(gained))
        found.append(Effect(text % {"n": len(gained)}, names(gained), "good"))
    if lost:
        text = ngettext(
            "%(n)s location is no longer eligible", "%(n)s locations are no longer eligible", len(lost)
        )
        found.append(Effect(text % {"n": len(lost)}, names(lost), "warn"))
    return found or [Effect(_("No location becomes eligible, and none loses it"))]


def names(places: set[int]) -> str:
    """The first few by name, and how many more."""
    first = [str(place) for place in Location.objects.filter(pk__in=places)[:NAMED]]
    rest = len(places) - len(first)
    more = ngettext("and %(n)s more", "and %(n)s more", rest) % {"n": rest} if rest > 0 else ""
    return "; ".join([*first, *filter(None, [more])])


def of_markets(before: list[MarketList]) -> list[Effect]:
    """How many enrolled locations another market counts for from now on."""
    after = MarketList.objects.in_bulk([old.code for old in before])
    countries = [place.country.code for place in Location.objects.enrolled()] if before else []
    moved = sum(
        old.market_of(country) != after[old.code].market_of(country)
        for old in before
        for country in countries
    )
    if not moved:
        return []
    text = ngettext("%(n)s location is in another market", "%(n)s locations are in another market", moved)
    return [
        Effect(text % {"n": moved}, _("Rates follow the market of the claiming location's country."), "warn")
    ]
