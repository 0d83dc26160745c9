"""Saved and shared views: a list under a name, with the number of one's own claims in it (BEY-8)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.models import SavedView
from incentives.models import PartnerRole, User
from tests.factories import EngagementFactory, LocationFactory, UserFactory, give_role, make_claim
from tests.pages import table, words

pytestmark = pytest.mark.django_db
URL, VIEWS, SAVE = "/claims/", "/claims/views/", "/claims/views/new/"


@pytest.fixture
def client(signed_in, partner_user):
    return signed_in(partner_user)


@pytest.fixture
def colleague(location):
    """Somebody of the same company, with a role for another location."""
    return give_role(UserFactory(partner=location.partner), LocationFactory(partner=location.partner))


def numbers(response) -> list[int]:
    return [row.pk for row in response.context["page"]]


def save(client, name="Mine", back="", **more) -> SavedView:
    answer = client.post(SAVE, {"name": name, "back": back} | more)
    assert answer.status_code == 302, words(answer)
    return SavedView.objects.order_by("pk").last()


def listed(client) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in table(client.get(VIEWS))}


def test_a_view_keeps_filters_order_and_columns(now, client, location):
    workshop = EngagementFactory()
    found = [make_claim(now=now, location=location, name=name, engagement=workshop).pk for name in ("B", "A")]
    make_claim(now=now, location=location)
    back = f"engagement={workshop.code}&sort=name&show=name&show=status&page=7&next=//evil"

    view = save(client, back=back)

    page = client.get(URL, {"view": view.pk})
    assert numbers(page) == [found[1], found[0]]
    assert [str(head.heading) for head in page.context["form"].heads()] == ["Claim name", "Status"]
    assert "evil" not in view.query
    assert "page" not in view.query


def test_a_view_can_be_narrowed_further_in_its_address(now, client, location):
    ones = [make_claim(now=now, location=location, name=name) for name in ("Bilby", "Wallaby")]
    view = save(client, back="sort=name")
    narrowed = client.get(URL, {"view": view.pk, "sort": "-name", "search": "Bilby"})
    assert numbers(narrowed) == [ones[0].pk]


def test_views_are_listed_with_the_number_of_claims_in_each(now, client, location):
    for _n in range(3):
        make_claim(now=now, location=location)
    save(client, "All")
    save(client, "Approved", back="status=approved")
    save(client, "New", back="status=customer_claimed", shared="on")

    assert listed(client) == {
        "All": ["3", "Alexa Barket", "No", "Change"],
        "Approved": ["0", "Alexa Barket", "No", "Change"],
        "New": ["3", "Alexa Barket", "With the company", "Change"],
    }


def test_claims_of_a_view_are_counted_up_to_a_thousand(now, client, location, monkeypatch):
    monkeypatch.setattr("claims.saved_views.COUNTED_IN_VIEWS", 2)
    for _n in range(3):
        make_claim(now=now, location=location)
    save(client)
    assert listed(client)["Mine"][0] == "2+"


@pytest.mark.parametrize("views", [1, 6])
def test_queries_do_not_grow_with_the_views(now, client, location, views):
    make_claim(now=now, location=location)
    for number in range(views):
        save(client, f"View {number}", back=f"search={number}")
    client.get(VIEWS)
    with CaptureQueriesContext(connection) as seen:
        client.get(VIEWS)
    assert len(seen) == 9


def test_a_shared_view_shows_each_colleague_their_own_claims(now, client, location, colleague, signed_in):
    mine = make_claim(now=now, location=location)
    theirs = make_claim(now=now, location=colleague.location_roles.get().location)
    view = save(client, "Ours", shared="on")
    other = signed_in(colleague)

    assert numbers(client.get(URL, {"view": view.pk})) == [mine.pk]
    assert numbers(other.get(URL, {"view": view.pk})) == [theirs.pk]
    assert (listed(client)["Ours"][0], listed(other)["Ours"]) == (
        "1",
        ["1", "Alexa Barket", "With the company", "–"],
    )


def test_what_a_colleague_cannot_see_never_widens_a_shared_view(now, client, location, colleague, signed_in):
    hidden = make_claim(now=now, location=location)
    make_claim(now=now, location=colleague.location_roles.get().location)
    view = save(client, "Las Vegas", back=f"location={location.partner_number}", shared="on")
    other = signed_in(colleague)

    page = other.get(URL, {"view": view.pk})

    assert page.status_code == 200
    assert numbers(page) == []
    assert "narrowed to something that you have no claims of" in words(page)
    for secret in (str(location.partner_number), hidden.engagement.name, str(hidden.pk)):
        assert secret not in page.content.decode()
    asked = page.wsgi_request.GET.urlencode()
    assert numbers(other.get(f"{URL}?{asked}&sort=name")) == []
    own_copy = save(other, "Copy", back=f"view={view.pk}&location=-")
    assert numbers(other.get(URL, {"view": own_copy.pk})) == []
    assert listed(other)["Las Vegas"][0] == listed(other)["Copy"][0] == "0"


@pytest.mark.parametrize("shared", [{}, {"shared": "on"}])
def test_another_company_sees_no_view(client, stranger, signed_in, shared):
    view, other = save(client, **shared), signed_in(stranger)
    assert other.get(URL, {"view": view.pk}).status_code == 404
    assert other.get(f"{VIEWS}{view.pk}/").status_code == 404
    assert other.post(f"{VIEWS}{view.pk}/removal/").status_code == 404
    assert listed(other) == {}


def test_a_colleague_opens_a_shared_view_and_changes_nothing(client, colleague, signed_in):
    private, shared = save(client), save(client, "Ours", shared="on")
    other = signed_in(colleague)
    assert other.get(URL, {"view": private.pk}).status_code == 404
    assert other.get(URL, {"view": shared.pk}).status_code == 200
    assert other.get(f"{VIEWS}{shared.pk}/").status_code == 404
    assert other.post(f"{VIEWS}{shared.pk}/", {"name": "Hers"}).status_code == 404
    assert other.post(f"{VIEWS}{shared.pk}/removal/").status_code == 404


def test_a_view_is_renamed_shared_and_removed(client, colleague, signed_in):
    view, other = save(client), signed_in(colleague)
    client.post(f"{VIEWS}{view.pk}/", {"name": "  Our   claims ", "shared": "on"})
    assert list(listed(other)) == ["Our claims"]
    client.post(f"{VIEWS}{view.pk}/", {"name": "Our claims"})
    assert listed(other) == {}
    assert client.post(f"{VIEWS}{view.pk}/removal/").url == VIEWS
    assert listed(client) == {}


def test_a_name_is_taken_once_by_a_person(client, colleague, signed_in):
    save(client, "Mine", back="status=approved")
    second = client.post(SAVE, {"name": "mine", "back": "status=rejected"})
    assert second.status_code == 422
    assert "You have a view named “mine” already." in words(second)
    other = save(client, "Other")
    renamed = client.post(f"{VIEWS}{other.pk}/", {"name": "MINE"})
    assert (renamed.status_code, SavedView.objects.get(pk=other.pk).name) == (422, "Other")
    save(signed_in(colleague), "Mine")


def test_the_same_list_saved_twice_is_one_view(client):
    assert save(client, back="status=approved") == save(client, back="status=approved")
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"name": ""}, "Give the view a name."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "Mine", "back": "sort=password"}, "This list asks for something that it does not know."),
        ({"name": "Mine", "back": "range=custom"}, "This list asks for something that it does not know."),
    ],
)
def test_what_cannot_be_saved_is_refused_in_words(client, sent, reason):
    answer = client.post(SAVE, sent)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert not SavedView.objects.exists()


def test_nobody_has_more_views_than_anybody_may(client, monkeypatch):
    monkeypatch.setattr("claims.saved_views.VIEWS_AT_MOST", 1)
    save(client)
    assert "Remove one" in words(client.post(SAVE, {"name": "Second"}))


def test_a_shared_view_stays_when_its_author_leaves_until_an_admin_removes_it(
    client, colleague, signed_in, partner_user
):
    view, other = save(client, "Ours", shared="on"), signed_in(colleague)
    User.objects.filter(pk=partner_user.pk).update(is_active=False, partner=None)
    assert listed(other)["Ours"][-1] == "–"
    PartnerRole.objects.create(user=colleague, partner=colleague.partner, role=PartnerRole.Role.ACCOUNT_ADMIN)
    assert listed(other)["Ours"][-1] == "Remove"
    assert other.post(f"{VIEWS}{view.pk}/removal/").status_code == 302
    assert listed(other) == {}


def test_who_moved_to_another_company_cannot_touch_a_view_left_behind(client, partner_user, stranger):
    view = save(client, "Ours", shared="on")
    User.objects.filter(pk=partner_user.pk).update(partner=stranger.partner)
    assert client.get(f"{VIEWS}{view.pk}/").status_code == 404
    assert client.post(f"{VIEWS}{view.pk}/removal/").status_code == 404


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "٣"])
def test_a_view_that_does_not_exist_is_not_found(client, key):
    assert client.get(URL, {"view": key}).status_code == 404
