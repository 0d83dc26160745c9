"""Over random companies, roles and claims: nothing of a claim reaches somebody who may not see it (ACT-3, A04).

The list, its counts, its search, the values of its filters, saved views, their counts, and files. What a person may see
is worked out here from the roles themselves, without a line of the portal's own queries.
"""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.db import transaction
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from claims import saved_views
from claims.depth import page_of_claims
from claims.exports import Sheet
from claims.list_form import ClaimListForm, ground_of
from claims.listing import BY_KEY, COLUMNS, columns_named, rows_of
from claims.models import Claim, SavedView
from claims.search import find
from incentives.models import LocationRole
from incentives.models.partners import LocationQuerySet
from tests.breadth import rounds
from tests.factories import (
    EngagementFactory,
    LocationFactory,
    PartnerFactory,
    UserFactory,
    give_role,
    make_claim,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
COMPANIES, PLACES_OF_EACH, PEOPLE_OF_EACH = 2, 3, 2
PLACES, PEOPLE = COMPANIES * PLACES_OF_EACH, COMPANIES * PEOPLE_OF_EACH
KEYS = [column.key for column in COLUMNS]
places, people = st.integers(0, PLACES - 1), st.integers(0, PEOPLE - 1)
worlds = st.fixed_dictionaries(
    {
        "roles": st.sets(st.tuples(people, places), max_size=10),
        "claims": st.lists(st.tuples(places, st.integers(0, 1)), min_size=1, max_size=6),
        "sort": st.sampled_from([f"{sign}{key}" for key in KEYS for sign in ("", "-")]),
        "filters": st.lists(
            st.one_of(
                st.tuples(st.just("location"), places),
                st.tuples(st.just("engagement"), st.integers(0, 1)),
                st.tuples(st.just("country"), st.sampled_from(["US", "DE"])),
                st.tuples(st.just("status"), st.sampled_from(["customer_claimed", "approved"])),
                st.tuples(st.just("payout"), st.sampled_from(["fixed", "variable"])),
                st.tuples(st.just("search"), st.sampled_from(["claim", "customer", "5", "beta"])),
            ),
            max_size=3,
        ),
        "author": people,
    }
)


class World:
    """Two companies with three locations and two people each; some roles, also for locations of the other company."""

    def __init__(self, drawn, now) -> None:
        self.now, self.drawn = now, drawn
        companies = [PartnerFactory(name=f"Company {n}") for n in range(COMPANIES)]
        self.places = [
            LocationFactory(partner=companies[n % COMPANIES], name=f"Beta {n}", country=("US", "DE")[n % 2])
            for n in range(PLACES)
        ]
        self.people = [UserFactory(partner=companies[n % COMPANIES]) for n in range(PEOPLE)]
        self.engagements = [EngagementFactory(name=f"Work {n}") for n in range(2)]
        for person, place in drawn["roles"]:
            give_role(self.people[person], self.places[place], role=LocationRole.Role.USER)
        self.claims = [
            make_claim(
                now=now, location=self.places[place], engagement=self.engagements[which], name=f"Claim {n}"
            )
            for n, (place, which) in enumerate(drawn["claims"])
        ]

    def may_see(self, person: int) -> set[int]:
        held = {self.places[place].pk for who, place in self.drawn["roles"] if who == person}
        return {claim.pk for claim in self.claims if claim.location_id in held}

    def query(self) -> str:
        asked = QueryDict(mutable=True)
        for name, value in self.drawn["filters"]:
            asked.appendlist(name, self.as_typed(name, value))
        asked["sort"] = self.drawn["sort"]
        return asked.urlencode()

    def as_typed(self, name: str, value) -> str:
        if name == "location":
            return str(self.places[value].partner_number)
        return self.engagements[value].code if name == "engagement" else value

    def form(self, person: int, query: str, *, forgiving: bool = False) -> ClaimListForm:
        ground = ground_of(self.people[person])
        return ClaimListForm(QueryDict(query), ground, now=self.now, forgiving=forgiving)


def listed(form: ClaimListForm) -> list[int]:
    columns = columns_named(["id"])
    return [row.pk for row in page_of_claims(form, None, rows_of(columns, form.now))]


def exported(form: ClaimListForm) -> list[int]:
    content = b"".join(Sheet(form).csv()).decode("utf-8-sig")
    return [int(row[0]) for row in list(csv.reader(StringIO(content)))[1:]]


@pytest.mark.long
@given(worlds)
@settings(max_examples=rounds(8, long=25), deadline=None)
def test_nobody_meets_a_claim_that_they_may_not_see(drawn):
    with transaction.atomic():
        world = World(drawn, NOW)
        view = shared_view(world)
        for person in range(PEOPLE):
            look_around(world, person, view)
        transaction.set_rollback(True)


ELSEWHERE = {"roles": {(0, 0)}, "claims": [(0, 0), (1, 0)], "sort": "id", "filters": [], "author": 0}


def test_control_where_everybody_sees_every_location_a_claim_of_others_is_met(monkeypatch):
    world = World(ELSEWHERE, NOW)
    view = shared_view(world)
    look_around(world, 0, view)
    monkeypatch.setattr(LocationQuerySet, "visible_to", lambda places, user: places)

    with pytest.raises(AssertionError):
        look_around(world, 0, view)


def shared_view(world: World) -> SavedView:
    author = world.people[world.drawn["author"]]
    return SavedView.objects.create(
        owner=author, name="Shared", query=world.query(), shared_with=author.partner, saved_at=NOW
    )


def look_around(world: World, person: int, view: SavedView) -> None:
    mine, user = world.may_see(person), world.people[person]
    whole, asked = world.form(person, ""), world.form(person, world.query())
    assert set(listed(whole)) == mine == set(exported(whole))
    assert set(listed(asked)) <= mine
    assert listed(asked) == exported(asked)
    for words in ("claim", "customer", "beta", *(str(claim.pk) for claim in world.claims)):
        assert set(find(whole.claims(), words).values_list("pk", flat=True)) <= mine
        assert set(listed(world.form(person, f"search={words}"))) <= mine
    held = {world.places[place] for who, place in world.drawn["roles"] if who == person}
    claims = [claim for claim in world.claims if claim.pk in mine]
    choices = {name: whole.fields[name].choices for name in ("location", "country", "engagement")}
    offered = {name: {value for value, _label in pairs} for name, pairs in choices.items()}
    assert offered == {
        "location": {
            str(place.partner_number) for place in held if any(c.location_id == place.pk for c in claims)
        },
        "country": {claim.location.country.code for claim in claims},
        "engagement": {claim.engagement.code for claim in claims},
    }
    visible = SavedView.objects.visible_to(user)
    assert set(visible) == (
        {view} if view.shared_with_id == user.partner_id or view.owner_id == user.pk else set()
    )
    ((_view, form),) = saved_views.forms_of([view], ground_of(user), now=world.now)
    found = Claim.objects.filter(pk__in=listed(form))
    assert set(found.values_list("pk", flat=True)) <= mine
    assert set(listed(form)) <= as_author_meant(world, mine)
    assert saved_views.counts([form]) == [str(len(found))]
    address = saved_views.address_for_reader(view, form).urlencode()
    for place in set(world.places) - held:
        assert str(place.partner_number) not in address


def as_author_meant(world: World, mine: set[int]) -> set[int]:
    """The claims of a reader that every filter of the view lets through, worked out from what was drawn."""
    wanted: dict[str, set] = {}
    for name, value in world.drawn["filters"]:
        wanted.setdefault(name, set()).add(value)
    through = set()
    for (place, which), claim in zip(world.drawn["claims"], world.claims, strict=True):
        facts = {"location": place, "engagement": which, "country": claim.location.country.code}
        facts |= {"status": claim.status, "payout": "fixed"}
        if all(facts[name] in values for name, values in wanted.items() if name in facts):
            through.add(claim.pk)
    return through & mine


def test_the_keys_of_columns_are_their_names():
    assert list(BY_KEY) == KEYS
