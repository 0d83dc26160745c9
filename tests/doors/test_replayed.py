"""What one person's pages lead to, asked for by everybody else: nothing leaks in either direction (A03, A05)."""

import pytest
from django.http import HttpResponse

from claims.models import Claim
from claims.models.claim import ClaimQuerySet
from claims.states import Status as S
from tests.breadth import everybody, some
from tests.factories import EngagementFactory

from .knocking import content, knock, told
from .law import PEOPLE
from .scene import STAFF, WORDS_OF_CLAIMS, Scene, claim_of
from .test_who_gets_in import hidden_from
from .walking import look, walk

pytestmark = pytest.mark.django_db
# A word that stands only in a claim of the strangers.
FOREIGN = "Kakapo"
STRANGERS = {"stranger", "strange_admin"}
# Who walks and asks with every change; the long way, everybody does.
FIRST = {"user", "stranger", "nobody", "lead", "owner"}
SOME = {"user": 15, "stranger": 8, "lead": 10, "owner": 10}


@pytest.fixture(scope="module")
def foreign(scene) -> Claim:
    person = scene.people["stranger"]
    claim = claim_of(
        person, person.location_roles.get().location, EngagementFactory(), S.UNDER_REVIEW, scene.now
    )
    claim.customer.organization.name = "Wombat Limited"
    claim.customer.organization.save()
    Claim.objects.filter(pk=claim.pk).update(name=f"{FOREIGN} claim")
    claim.comments.all().delete()
    return claim


@pytest.fixture(scope="module")
def walks(scene, foreign) -> dict[str, dict[str, HttpResponse]]:
    return {who: walk(scene.browser(who)) for who in some(PEOPLE, first=FIRST) if who != "gone"}


# A name that people learn of their company's customers, also where they see nothing of the claim (ENG-5).
CUSTOMER = "Numbat"


def forbidden(who: str, address: str) -> tuple[str, ...]:
    """The words that must not reach this person, of this scene's company and of the strangers'."""
    ours = WORDS_OF_CLAIMS if who in STRANGERS else hidden_from(who)
    theirs = () if who in STRANGERS | (set(STAFF) - {"owner"}) else (FOREIGN, "Wombat")
    known = (CUSTOMER,) if who == "neighbour" and "/customers/" in address else ()
    return tuple(word for word in ours + theirs if word not in known)


def leaks(scene: Scene, walks: dict[str, dict[str, HttpResponse]]) -> list[str]:
    """Every address that somebody found, asked for by each of the others: what it told that it must not."""
    found = {address for walked in walks.values() for address in walked}
    trouble = []
    for who in walks:
        browser = scene.browser(who)
        for address in sorted(found):
            answer = walks[who].get(address) or look(browser, address)
            heard = told(answer, forbidden(who, address))
            if answer.status_code >= 500 or heard:
                trouble.append(f"{who} {address}: {answer.status_code} {heard}")
    return trouble


def test_the_walks_reach_the_pages(walks):
    """Else what follows would prove nothing."""
    reached = {
        who: sum(answer.status_code == 200 for answer in walked.values()) for who, walked in walks.items()
    }
    assert {who: count for who, count in SOME.items() if reached[who] < count} == {}
    assert {answer.status_code for walked in walks.values() for answer in walked.values()} <= {
        200,
        301,
        302,
        403,
        404,
        405,
    }


@pytest.mark.long
def test_nothing_leaks_to_anybody_from_what_others_can_reach(scene, walks):
    assert leaks(scene, walks) == []


def test_control_a_claim_found_by_everybody_is_reported(scene, walks, monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "visible_to", lambda claims, user: claims)
    theirs = {who: walks[who] for who in ("user", "stranger")}

    assert any("stranger" in leak for leak in leaks(scene, {**theirs, "stranger": {}}))


@pytest.mark.parametrize(
    "who",
    everybody(
        ["neighbour", "stranger", "strange_admin", "roleless", "nobody", "owner"],
        first={"neighbour", "stranger", "nobody"},
    ),
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-10"}, {"If-None-Match": "*"}])
def test_a_file_cannot_be_had_by_guessing_its_number(scene, who, method, headers):
    """Its own number under every claim, and the numbers around it (A05)."""
    document = scene.at[S.CONSENT_RECEIVED].documents.first()
    browser = scene.browser(who)
    paths = [
        f"{start}/{claim.pk}/documents/{document.pk + n}/"
        for claim in scene.at.values()
        for n in (-1, 0, 1)
        for start in ("/claims", "/desk/claims/claim")
    ]

    answers = [knock(browser, method, path, headers=headers) for path in paths]

    assert {answer.status_code for answer in answers} <= {302, 403, 404}
    assert not any(b"%PDF" in content(answer) for answer in answers)


def test_its_owner_has_the_file(scene):
    document = scene.at[S.CONSENT_RECEIVED].documents.first()
    path = f"/claims/{document.slot.claim_id}/documents/{document.pk}/"

    assert b"%PDF" in content(knock(scene.browser("user"), "GET", path))


def test_control_a_file_of_a_claim_that_everybody_finds_is_handed_out(scene, monkeypatch):
    monkeypatch.setattr(ClaimQuerySet, "visible_to", lambda claims, user: claims)
    document = scene.at[S.CONSENT_RECEIVED].documents.first()

    answer = knock(scene.browser("stranger"), "GET", f"/claims/{document.claim_id}/documents/{document.pk}/")

    assert answer.status_code == 200
    assert b"%PDF" in content(answer)
