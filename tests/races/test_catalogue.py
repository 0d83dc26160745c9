"""Several owners at the same instant: rate cards that overlap never come to stand side by side (ENG-9)."""

from contextlib import nullcontext
from datetime import date
from functools import partial
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from engagements import changes
from engagements.models import Engagement, RateCard
from incentives.models import User
from tests.browsers import Browser
from tests.engagements.typing import NEW, Fields, card, confirmed
from tests.factories import EngagementFactory, StaffFactory
from tests.together import at_once, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
TRIES = 3


def offered() -> Engagement:
    engagement = EngagementFactory(name_source="A letter")
    RateCard.objects.filter(engagement=engagement).update(ends_on=date(2030, 12, 31), source="A letter")
    return engagement


def overlapping() -> int:
    """How many pairs of rate cards of one engagement are in force on the same day."""
    cards = list(RateCard.objects.all())
    return sum(
        one.pk < other.pk
        and one.engagement_id == other.engagement_id
        and one.starts_on <= (other.ends_on or date.max)
        and other.starts_on <= (one.ends_on or date.max)
        for one in cards
        for other in cards
    )


def owner() -> Client:
    client = Browser()
    client.force_login(StaffFactory(vendor_role=User.VendorRole.OWNER))
    return client


def sent(at: str, forms: list[Fields]) -> list[int]:
    """What the owners are answered who send these forms at the same instant, each their own."""
    return sorted(
        answer.status_code for answer in at_once(*(partial(owner().post, at, form) for form in forms))
    )


def test_of_overlapping_rate_cards_one_is_saved(db):
    for _ in range(TRIES):
        code = offered().code
        days = [f"2031-01-0{n}" for n in range(1, 7)]
        forms = [confirmed("rate_card") | card(code, **{"from": day}) for day in days]
        assert sent("/desk/engagements/ratecard/add/", forms) == [302, 422, 422, 422, 422, 422]
    assert overlapping() == 0


def test_control_without_the_trigger_they_overlap(db):
    engagement = offered()

    results = at_once(*(insert_with(engagement, day, ignore=True) for day in range(1, 7)))

    assert len(won(results)) == 6
    assert overlapping() == 15


def test_control_without_one_at_a_time_owners_overtake_each_other(db, monkeypatch):
    monkeypatch.setattr(changes, "alone", lambda: None)
    engagement = offered()
    at = f"/desk/engagements/engagement/{engagement.pk}/change/"
    forms = [confirmed("engagement", engagement, workload=f"Workload {n}") for n in range(6)]

    assert sent(at, forms).count(302) > 1


def insert_with(engagement: Engagement, day: int, *, ignore: bool) -> Any:
    """Write a rate card past every check of ours, with the database's own or without it."""
    trigger = "engagements.RateCard:rate_cards_never_overlap"

    def insert() -> None:
        market_list = engagement.rate_cards.get(starts_on=date(2020, 1, 1)).market_list
        with pgtrigger.ignore(trigger) if ignore else nullcontext(), transaction.atomic():
            RateCard.objects.create(
                engagement=engagement,
                starts_on=date(2031, 1, day),
                market_list=market_list,
                rate_a=1,
                unit="claim",
            )

    return insert


def test_the_database_lets_one_of_six_through_whatever_the_code_does(db):
    for _ in range(TRIES):
        engagement = offered()

        results = at_once(*(insert_with(engagement, day, ignore=False) for day in range(1, 7)))

        assert len(won(results)) == 1
        refusals = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(refusal, DatabaseError) for refusal in refusals)
        assert all("in force on the same day" in str(refusal) for refusal in refusals)
    assert overlapping() == 0


def test_of_twelve_who_add_the_same_engagement_each_is_told_it_is_saved_and_it_stands_once(db):
    offered()
    form = confirmed("engagement") | NEW["engagement"]

    assert sent("/desk/engagements/engagement/add/", [form] * 12) == [302] * 12
    assert Engagement.objects.filter(code="QUA-1").count() == 1


def test_of_six_who_edit_the_same_engagement_one_is_saved_and_five_are_told(db):
    engagement = offered()
    at = f"/desk/engagements/engagement/{engagement.pk}/change/"
    forms = [confirmed("engagement", engagement, workload=f"Workload {n}") for n in range(6)]

    assert sent(at, forms) == [302, 409, 409, 409, 409, 409]


def test_a_border_between_two_rate_cards_moves_in_one_transaction(db):
    engagement = offered()
    first = engagement.rate_cards.get()
    insert_with(engagement, 1, ignore=False)()
    second = engagement.rate_cards.get(starts_on=date(2031, 1, 1))

    with transaction.atomic():
        RateCard.objects.filter(pk=first.pk).update(ends_on=date(2031, 6, 30))
        RateCard.objects.filter(pk=second.pk).update(starts_on=date(2031, 7, 1))

    assert overlapping() == 0
