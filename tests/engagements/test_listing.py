from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from engagements.eligibility import is_eligible, private_lists
from engagements.listing import rows
from engagements.models import Engagement, MarketList, PrivateListEntry, RateCard, SolutionArea
from incentives.models import Enrolment, Location, Partner

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
SKILLS = ["SP Security", "SP Modern Work", "Co-sell Ready"]
COUNTRIES = ["US", "HU", "FR"]

places = st.lists(
    st.tuples(
        st.sampled_from(Enrolment.Status.values), st.sampled_from(COUNTRIES), st.sets(st.sampled_from(SKILLS))
    ),
    max_size=8,
)
offers = st.lists(
    st.tuples(
        st.sets(st.sampled_from(SKILLS)),
        st.none() | st.sets(st.integers(0, 7)),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
    ),
    max_size=5,
)


def make_place(n: int, status: str, country: str, skills: set[str]) -> Location:
    partner, _ = Partner.objects.get_or_create(global_id=1, defaults={"name": "One"})
    location = Location.objects.create(
        partner=partner, partner_number=n, name="One", country=country, designations=sorted(skills)
    )
    Enrolment.objects.create(location=location, status=status)
    return location


def make_offer(
    n: int, wanted: set[str], on_list: set[int] | None, paid: tuple[bool, ...], places: list[Location]
) -> None:
    area, _ = SolutionArea.objects.get_or_create(code="a", defaults={"name": "A", "position": 1})
    markets, _ = MarketList.objects.get_or_create(
        code="m", defaults={"name": "M", "countries": {"A": ["US"], "B": ["HU"], "C": "*"}}
    )
    engagement = Engagement.objects.create(
        code=f"E-{n}",
        name=f"E {n}",
        solution_area=area,
        payout="fixed",
        opens_on=TODAY,
        partner_criteria_any=sorted(wanted),
        private_list=on_list is not None,
    )
    rates = [Decimal(1) if pays else None for pays in paid]
    RateCard.objects.create(
        engagement=engagement,
        starts_on=TODAY,
        market_list=markets,
        unit="claim",
        rate_a=rates[0],
        rate_b=rates[1],
        rate_c=rates[2],
    )
    for n in on_list or ():
        if n < len(places):
            PrivateListEntry.objects.create(engagement=engagement, location=places[n])


@settings(max_examples=40, deadline=None)
@given(places=places, offers=offers)
def test_counts_equal_judging_every_location_for_every_engagement(places, offers):
    with transaction.atomic():
        made = [make_place(n, *place) for n, place in enumerate(places, 1)]
        for n, offer in enumerate(offers):
            make_offer(n, *offer, made)
        engagements = list(Engagement.objects.all())
        locations = list(Location.objects.select_related("enrolment"))

        counted = {
            row.engagement.code: (row.eligible, row.enrolled)
            for row in rows(engagements, locations, {}, TODAY)
        }

        listed = private_lists(engagements)
        assert counted == {
            engagement.code: (
                sum(is_eligible(engagement, place, listed) for place in locations),
                len(locations),
            )
            for engagement in engagements
        }
        transaction.set_rollback(True)


def test_a_location_is_eligible_when_every_criterion_is_met():
    place = make_place(1, "enrolled", "US", {"SP Security"})
    others = [make_place(2, "invited", "US", {"SP Security"}), make_place(3, "enrolled", "US", set())]
    make_offer(1, {"SP Security", "SP Modern Work"}, {0, 1, 2}, (True, False, False), [place, *others])
    make_offer(2, {"SP Security"}, {1, 2}, (True, False, False), [place, *others])
    make_offer(3, {"SP Security"}, None, (False, True, True), [place, *others])
    locations = Location.objects.select_related("enrolment")

    found = rows(Engagement.objects.order_by("pk"), locations, {}, TODAY)

    assert [row.eligible for row in found] == [1, 0, 0]
