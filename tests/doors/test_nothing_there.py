"""What belongs to others answers exactly like what does not exist, at every address that names something (A02, A04)."""

import uuid

import pytest
from django.http import HttpResponse

from claims.states import Status as S
from incentives.models import Draft
from incentives.models.partners import LocationQuerySet
from tests.breadth import everybody
from tests.factories import EngagementFactory

from .knocking import content, knock, undone, writes
from .law import TABLE
from .routes import Route, routes
from .scene import Scene
from .test_who_gets_in import CARELESS

pytestmark = pytest.mark.django_db
# For each parameter that names a row: a value that names none. Numbers of more digits than a column holds are none too.
MISSING = {
    "claim": (9_999_999, 0, 2**31, 2**63, 10**25),
    "slot": (9_999_999, 0, 2**31, 2**63, 10**25),
    "document": (9_999_999, 0, 2**31, 2**63, 10**25),
    "version": (9_999_999, 0, 2**31, 2**63, 10**25),
    "material": (9_999_999, 0, 2**31, 2**63, 10**25),
    "location": (9_999_999, 0, 2**31, 2**63, 10**25),
    "person": (9_999_999, 0, 2**31, 2**63, 10**25),
    "sheet": (9_999_999, 0, 2**31, 2**63, 10**25),
    "draft": (uuid.UUID(int=1),),
    "engagement": ("MWS-NONE", "x" * 300),
    "message": (9_999_999, 0, 2**31, 2**63, 10**25),
    "link": (9_999_999, 0, 2**31, 2**63, 10**25),
}
OUTSIDERS = ("neighbour", "stranger", "strange_admin")
KINDS = {"claim", "draft", "location", "private", "colleague"}
WAYS = ({}, {"HX-Request": "true"}, {"HX-Request": "true", "HX-Boosted": "true"})


def naming(*, kinds: set[str] = KINDS) -> list[tuple[Route, str]]:
    """Every address of the partners' pages with each of its parameters that names something."""
    return [(r, p) for r in routes() if TABLE[r.name].kind in kinds for p in r.parameters if p in MISSING]


def method_of(route: Route) -> str:
    return "GET" if TABLE[route.name].answers["GET"] != "." else "POST"


def ask(scene: Scene, browser, route: Route, headers: dict[str, str], **other: object) -> HttpResponse:
    path = route.path(scene.arguments(route.name) | other)
    with undone():
        return knock(browser, method_of(route), path, scene.body(route.name), headers=headers)


@pytest.mark.parametrize("who", everybody([*OUTSIDERS, "reviewer"], first={"stranger", "reviewer"}))
def test_what_belongs_to_others_answers_like_what_does_not_exist(scene, who):
    browser, trouble, before = scene.browser(who), [], writes()
    for route, parameter in naming():
        for headers in WAYS:
            foreign = ask(scene, browser, route, headers)
            missing = ask(scene, browser, route, headers, **{parameter: MISSING[parameter][0]})
            if (foreign.status_code, missing.status_code) != (404, 404) or foreign.content != missing.content:
                trouble.append(
                    f"{route.name} {parameter} {headers}: {foreign.status_code} {missing.status_code}"
                )

    assert trouble == []
    assert writes() == before


def test_numbers_that_name_nothing_are_not_found_however_long(scene):
    user, admin, trouble = scene.browser("user"), scene.browser("admin"), []
    for route, parameter in naming(kinds=KINDS | {"public"}):
        for value in MISSING[parameter]:
            who = admin if TABLE[route.name].kind == "colleague" else user
            answer = ask(scene, who, route, {}, **{parameter: value})
            if answer.status_code != 404:
                trouble.append(f"{route.name} {parameter}={value}: {answer.status_code}")

    assert trouble == []


def test_numbers_that_name_nothing_are_not_found_at_the_desk_either(scene):
    staff, trouble = {who: scene.browser(who) for who in ("lead", "owner")}, []
    kinds = {"read": "lead", "decide": "lead", "material": "owner", "publish": "owner"}
    for route in routes():
        for parameter in {"claim", "document", "version", "material"} & set(route.parameters):
            for value in MISSING[parameter]:
                if who := kinds.get(TABLE[route.name].kind):
                    answer = ask(scene, staff[who], route, {}, **{parameter: value})
                    trouble += [f"{route.name} {value}: {answer.status_code}"] * (answer.status_code != 404)

    assert trouble == []


@pytest.mark.parametrize("parameter", ["slot", "document"])
def test_what_belongs_to_another_claim_is_not_found_in_this_one(scene, parameter):
    user, other = scene.browser("user"), scene.at[S.UNDER_REVIEW]
    rows = {"slot": other.slots.first().pk, "document": other.documents.first().pk}
    doors = [route for route, named in naming() if named == parameter]

    answers = [ask(scene, user, route, {}, **{parameter: rows[parameter]}) for route in doors]
    missing = [ask(scene, user, route, {}, **{parameter: MISSING[parameter][0]}) for route in doors]

    assert {answer.status_code for answer in answers} == {404}
    assert [content(answer) for answer in answers] == [content(answer) for answer in missing]


def test_files_of_another_claim_cannot_be_removed_through_this_one(scene):
    user, mine, other = scene.browser("user"), scene.at[S.CONSENT_RECEIVED], scene.at[S.UNDER_REVIEW]
    rows = [other.documents.first().pk, 9_999_999, 10**25]
    path = f"/claims/{mine.pk}/documents/removal/"

    answers = [knock(user, "POST", path, {"documents": [mine.documents.first().pk, row]}) for row in rows]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert mine.documents.current().count() == 2
    assert other.documents.current().count() == 2


def test_the_wizard_does_not_open_from_an_engagement_that_is_hidden(scene):
    paths = [scene.engagement.code, EngagementFactory(private_list=True).code, "MWS-NONE"]
    stranger = scene.browser("stranger")

    answers = [knock(stranger, "POST", "/claims/add/", {"engagement": code}) for code in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def draft_of(scene: Scene, who: str, **customer: str) -> Draft:
    """A run of the wizard as the scene's own, but of this person and with another first step."""
    answers = scene.draft.answers
    return Draft.objects.create(
        user=scene.people[who],
        purpose="add_customer",
        about=scene.draft.about | {"engagement": None},
        answers=answers
        | {"customer": answers["customer"] | {name: [value] for name, value in customer.items()}},
        created_at=scene.now,
        updated_at=scene.now,
    )


@pytest.mark.parametrize("who", OUTSIDERS)
def test_the_wizard_takes_no_location_of_others(scene, who):
    EngagementFactory(name="A workshop for everybody")
    outsider, draft = scene.browser(who), draft_of(scene, who)
    typed = {name: values[0] for name, values in draft.answers["customer"].items()}

    answers = [
        knock(outsider, "POST", f"/claims/add/{draft.pk}/{step}/", typed) for step in ("customer", "review")
    ]

    assert [answer.status_code for answer in answers] == [422, 302]
    assert answers[1].headers["Location"].endswith("/customer/")


def test_control_where_everybody_sees_every_location_the_wizard_takes_one_of_others(scene, monkeypatch):
    EngagementFactory(name="A workshop for everybody")
    monkeypatch.setattr(LocationQuerySet, "visible_to", lambda places, user: places)
    draft = draft_of(scene, "stranger")
    typed = {name: values[0] for name, values in draft.answers["customer"].items()}

    answer = knock(scene.browser("stranger"), "POST", f"/claims/add/{draft.pk}/customer/", typed)

    assert answer.status_code == 302


@pytest.mark.parametrize("who", OUTSIDERS)
def test_the_wizard_takes_no_engagement_on_whose_list_one_is_not(scene, who):
    EngagementFactory(name="A workshop for everybody")
    own = scene.people[who].location_roles.get().location_id
    outsider, draft = scene.browser(who), draft_of(scene, who, location=str(own))
    typed = {"engagements": scene.engagement.code}

    answers = [
        knock(outsider, "POST", f"/claims/add/{draft.pk}/{step}/", typed) for step in ("engagement", "review")
    ]

    assert [answer.status_code for answer in answers] == [422, 302]
    assert answers[1].headers["Location"].endswith("/engagement/")


@pytest.mark.urls(CARELESS)
def test_control_a_door_without_a_scope_answers_differently(scene):
    (door,) = [route for route in routes() if route.name == "unscoped"]
    stranger = scene.browser("stranger")

    codes = [
        knock(stranger, "GET", door.path({"claim": pk})).status_code
        for pk in (scene.at[S.REJECTED].pk, 9_999_999)
    ]

    assert codes == [200, 404]
