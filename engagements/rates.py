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


def payable(engagement: Engagement, country: str, day: date, *, hours: int | None = None) -> Payable | None:
    """What a location in this country is paid by the rate card of this day: its rate, or hours × rate up to the cap.

    None where the engagement pays nothing there, and for a rate per hour without hours.
    """
    card = next((card for card in engagement.rate_cards.all() if card.in_force_on(day)), None)
    market = card.market_list.market_of(country) if card else ""
    rate = card.rate_for(market) if card else None
    if card is None or rate is None:
        return None
    if card.unit == RateCard.Unit.CLAIM:
        return Payable(rate, market, card)
    if hours is None:
        return None
    amount = hours * rate
    return Payable(amount if card.cap is None else min(amount, card.cap), market, card)


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
