"""What a claim pays: the rate card in force on a day, for the market of the claiming location (ENG-9, DL-7)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django_countries import countries

from .models import Engagement, RateCard


@dataclass(frozen=True)
class Payable:
    """An amount in US dollars before tax, with the market and the rate card it comes from."""

    amount_usd: Decimal
    market: str
    rate_card: RateCard


def payable(engagement: Engagement, country: str, day: date) -> Payable | None:
    """The fixed payout for a location in this country on this day, or None where the engagement pays nothing there."""
    in_force = [card for card in engagement.rate_cards.all() if card.in_force_on(day)]
    if not in_force or in_force[0].unit != RateCard.Unit.CLAIM:
        return None
    market = in_force[0].market_list.market_of(country)
    rate = in_force[0].rate_for(market)
    return Payable(rate, market, in_force[0]) if rate is not None else None


def pays_in(engagement: Engagement, country: str, day: date) -> bool:
    """Whether the engagement has a rate for this country's market on this day (ENG-9).

    Before it opens and after it has closed, the nearest day on which it takes claims is the one that counts.
    """
    last = engagement.closes_on or date.max
    day = min(max(day, engagement.opens_on), last)
    cards = (card for card in engagement.rate_cards.all() if card.in_force_on(day))
    return any(card.rate_for(card.market_list.market_of(country)) is not None for card in cards)


def shown_on(engagement: Engagement, day: date) -> list[RateCard]:
    """The rate cards that a person has to know on this day: in force or to come, else the last one there was."""
    cards = sorted(engagement.rate_cards.all(), key=lambda card: card.starts_on)
    current = [card for card in cards if card.ends_on is None or card.ends_on >= day]
    return current or cards[-1:]


@dataclass(frozen=True)
class MarketRate:
    """What a rate card pays in one market; `countries` is empty for the market of all other countries."""

    market: str
    rate_usd: Decimal
    sample: bool
    countries: list[str]


def market_rates(card: RateCard) -> list[MarketRate]:
    """The rates of a card for people: per market, with the names of its countries (ENG-4)."""
    named = {market: codes for market, codes in card.market_list.countries.items() if codes}
    return [
        MarketRate(market, rate, market in card.sample_markets, names_of(named[market]))
        for market in sorted(named)
        if (rate := card.rate_for(market)) is not None
    ]


def names_of(codes: list[str] | str) -> list[str]:
    return [] if codes == "*" else sorted(countries.name(code) for code in codes)
