"""The program terms at the desk: read by staff, published by the owner after a question (ROLE-4, ROLE-6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.admin.programme_terms import TEXT_LENGTH
from incentives.models import Enrolment, ProgrammeTerms, User
from tests.factories import LocationFactory, StaffFactory, TermsFactory, UserFactory
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
LIST = "/desk/incentives/programmeterms/"
ADD = f"{LIST}add/"
DAY = timedelta(days=1)
Role = User.VendorRole


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role=Role.OWNER, full_name="Daniel Weiss")


@pytest.fixture
def client(signed_in, owner):
    return signed_in(owner)


@pytest.fixture
def last(now):
    return TermsFactory(
        version="2026-1", in_force_from=now.date() - 100 * DAY, not_offered_in=["BY"], published_by=None
    )


@pytest.fixture
def typed(now):
    """What the owner types, and on which version; confirmed where a test says so."""
    day = (now.date() + 30 * DAY).isoformat()
    text = "First paragraph.\r\n\r\nSecond one."
    return {
        "version": "2026-2",
        "title": "Program terms",
        "text": text,
        "in_force_from": day,
        "not_offered_in": "hu by",
    }


def confirmed(typed, last) -> dict[str, object]:
    return typed | {"confirmed": "yes", "revision": last.pk}


def page_of(terms: ProgrammeTerms) -> str:
    return f"{LIST}{terms.pk}/change/"


@pytest.mark.parametrize("role", Role.values)
def test_those_who_need_them_read_and_the_owner_alone_publishes(signed_in, last, typed, role):
    client = signed_in(StaffFactory(vendor_role=role))
    reads = 403 if role == Role.REVIEWER else 200
    acts = role == Role.OWNER

    assert [client.get(address).status_code for address in (LIST, page_of(last))] == [reads] * 2
    assert client.get(ADD).status_code == (200 if acts else 403)
    assert ("New version" in words(client.get(LIST))) == acts
    assert client.post(ADD, typed).status_code == (200 if acts else 403)
    assert client.post(ADD, confirmed(typed, last)).status_code == (302 if acts else 403)
    assert ProgrammeTerms.objects.count() == 1 + acts


def test_for_people_of_partners_none_of_it_exists(signed_in, last, typed, partner_user):
    client = signed_in(partner_user)

    assert {client.get(address).status_code for address in (LIST, ADD, page_of(last))} == {404}
    assert client.post(ADD, confirmed(typed, last)).status_code == 404


def test_what_is_published_can_be_neither_changed_nor_deleted(client, last, typed):
    paths = [f"{LIST}{last.pk}/delete/", f"{LIST}{last.pk}/history/", f"{LIST}{last.pk}/"]
    assert {client.post(path, typed).status_code for path in paths} == {404}
    assert client.post(page_of(last), typed).status_code == 405


# --- reading ---


def test_the_list_tells_which_version_is_in_force(client, owner, last, now):
    earlier = TermsFactory(version="2025-1", in_force_from=now.date() - 400 * DAY)
    coming = TermsFactory(
        version="2027-1",
        in_force_from=now.date() + DAY,
        not_offered_in=["HU", "BY"],
        published_at="2026-03-04T05:06:07Z",
        published_by=owner,
    )
    for _n in range(2):
        Enrolment.objects.filter(location=LocationFactory()).update(
            terms=last, accepted_by=UserFactory(), accepted_at=now
        )

    response = client.get(LIST)

    rows = table(response)
    assert [(row[0], row[2], row[6]) for row in rows] == [
        ("2027-1", "To come", "0"),
        ("2026-1", "In force", "2"),
        ("2025-1", "Earlier", "0"),
    ]
    assert rows[0][4:6] == ["Belarus, Hungary", "Mar 4, 2026, 05:06:07 UTC, Daniel Weiss"]
    assert links(response) == [
        [page_of(terms), f"/desk/incentives/enrolment/?terms={terms.pk}"] for terms in (coming, last, earlier)
    ]


def test_a_version_is_read_in_full(client, last):
    text = words(client.get(page_of(last)))

    assert last.text in text
    assert "In force" in text
    assert "Not offered in Belarus" in text
    assert "Accepted by 0 locations" in text


def test_the_first_page_names_the_version_in_force(client, last, now):
    TermsFactory(version="2027-1", in_force_from=now.date() + DAY)
    assert "Program terms 2026-1 in force since" in words(client.get("/desk/"))

    assert "Program terms – none in force yet" not in words(client.get("/desk/"))


def test_before_the_first_version_the_desk_says_so(client):
    assert "Program terms – none in force yet" in words(client.get("/desk/"))
    assert client.get(ADD).status_code == 200
    assert client.get(LIST).status_code == 200


def test_queries_do_not_grow_with_versions(client, last, now):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(LIST)
        return len(seen)

    few = queries()
    for n in range(29):
        TermsFactory(version=f"v{n}", in_force_from=now.date() - (200 + n) * DAY, published_by=StaffFactory())

    assert len(table(client.get(LIST))) == 30
    assert queries() == few


@pytest.mark.parametrize("key", ["0", "9" * 25])
def test_a_version_that_is_none_is_not_found(client, key):
    assert client.get(f"{LIST}{key}/change/").status_code == 404


# --- publishing ---


def test_the_form_begins_with_the_countries_of_the_newest_version(client, last):
    assert ">\nBY</textarea>" in client.get(ADD).text


def test_first_comes_the_question_and_nothing_is_published(client, last, typed, location):
    hungarian = LocationFactory(country="HU")

    response = client.post(ADD, typed)

    text = words(response)
    assert response.status_code == 200
    assert "What would this change affect?" in text
    assert table(response) == [
        ["Version", "2026-1", "2026-2"],
        ["Title", "Program terms", "Program terms"],
        ["In force from", table(response)[2][1], table(response)[2][2]],
        ["Not offered in", "Belarus", "Belarus, Hungary"],
    ]
    assert "1 enrolled location becomes Inactive" in text
    assert "2 enrolled locations keep the terms that they accepted" in text
    assert "First paragraph. Second one." in text
    assert f'name="revision" value="{last.pk}"' in response.text
    assert ProgrammeTerms.objects.get() == last
    assert Enrolment.objects.get(location=hungarian).status == "enrolled"


def test_then_it_is_published_and_shown(client, owner, last, typed):
    response = client.post(ADD, confirmed(typed, last), follow=True)

    terms = ProgrammeTerms.objects.get(version="2026-2")
    assert response.redirect_chain == [(page_of(terms), 302)]
    assert "Program terms, 2026-2 is published." in words(response)
    assert (terms.published_by, terms.not_offered_in) == (owner, ["BY", "HU"])
    assert terms.text == "First paragraph.\n\nSecond one."


def test_the_very_first_version_is_published_too(client, typed):
    question = client.post(ADD, typed)
    assert 'name="revision" value=""' in question.text

    assert client.post(ADD, typed | {"confirmed": "yes", "revision": ""}).status_code == 302
    assert ProgrammeTerms.objects.get().version == "2026-2"


def test_back_to_the_form_nothing_typed_is_lost(client, last, typed):
    response = client.post(ADD, typed | {"edit": "yes", "revision": last.pk})

    assert response.status_code == 200
    assert "Second one." in response.text
    assert 'value="2026-2"' in response.text
    assert ProgrammeTerms.objects.get() == last


def test_a_form_sent_twice_publishes_once(client, last, typed):
    codes = [client.post(ADD, confirmed(typed, last)).status_code for _time in range(3)]

    assert codes == [302, 302, 302]
    assert ProgrammeTerms.objects.count() == 2


def test_the_owner_who_comes_second_is_told_and_asked_again(client, last, typed, signed_in, now):
    other = signed_in(StaffFactory(vendor_role=Role.OWNER))
    mine = typed | {"version": "2026-3", "in_force_from": (now.date() + 40 * DAY).isoformat()}
    other.post(ADD, confirmed(typed, last))

    response = client.post(ADD, confirmed(mine, last))

    assert response.status_code == 409
    assert "Another version was published meanwhile, so yours was not." in words(response)
    assert 'value="2026-3"' in response.text
    assert ProgrammeTerms.objects.count() == 2
    newest = ProgrammeTerms.objects.get(version="2026-2")
    assert client.post(ADD, confirmed(mine, newest)).status_code == 302


@pytest.mark.parametrize("revision", ["", "0", "-1", "9" * 30, "x", "１"])
def test_a_confirmation_of_nothing_that_was_asked_is_refused(client, last, typed, revision):
    response = client.post(ADD, confirmed(typed, last) | {"revision": revision})

    assert response.status_code == 409
    assert ProgrammeTerms.objects.get() == last


BAD = [
    ("version", "", "This field is required."),
    ("version", " \t ", "This field is required."),
    ("version", "x" * 21, "at most 20 characters"),
    ("version", "2026\0", "Null characters are not allowed."),
    ("version", "2026-1", "There is a version of this name already."),
    ("title", "", "This field is required."),
    ("title", "x" * 201, "at most 200 characters"),
    ("title", "a\0b", "Null characters are not allowed."),
    ("text", " \r\n ", "This field is required."),
    ("text", "x" * (TEXT_LENGTH + 1), "at most 100000 characters"),
    ("text", "a\0b", "Null characters are not allowed."),
    ("in_force_from", "", "This field is required."),
    ("in_force_from", "2027-02-30", "Enter a valid date."),
    ("in_force_from", "tomorrow", "Enter a valid date."),
    ("in_force_from", "0000-00-00", "Enter a valid date."),
    ("in_force_from", "9" * 500, "Enter a valid date."),
    ("in_force_from", "2020-01-01", "This day has passed."),
    ("in_force_from", "9999-12-31", "This is more than two years ahead."),
    ("not_offered_in", "HU, XX, Hungary", "No country or region has this code: HUNGARY, XX."),
    ("not_offered_in", "*", "No country or region has this code: *."),
    ("not_offered_in", "US\0", "Null characters are not allowed."),
    ("not_offered_in", "US " * 700, "at most 2000 characters"),
]


@pytest.mark.parametrize(("field", "value", "complaint"), BAD, ids=[f"{f}-{v[:12]!r}" for f, v, _ in BAD])
@pytest.mark.parametrize("sure", [True, False])
def test_bad_input_is_refused_at_its_field(client, last, typed, field, value, complaint, sure):
    given = typed | {field: value}

    response = client.post(ADD, confirmed(given, last) if sure else given)

    assert response.status_code == 422
    assert complaint in words(response)
    assert ProgrammeTerms.objects.get() == last


def test_the_same_code_twice_counts_once(client, last, typed):
    client.post(ADD, confirmed(typed | {"not_offered_in": "hu;HU\nby,\tHU"}, last))

    assert ProgrammeTerms.objects.get(version="2026-2").not_offered_in == ["BY", "HU"]


def test_no_country_at_all_is_a_list_too(client, last, typed):
    client.post(ADD, confirmed(typed | {"not_offered_in": ""}, last))

    assert ProgrammeTerms.objects.get(version="2026-2").not_offered_in == []


def test_what_the_owner_wrote_is_never_markup(client, last, typed):
    given = typed | {"title": "<b>Terms</b>", "text": "<script>alert(1)</script>"}

    question = client.post(ADD, given)
    page = client.post(ADD, confirmed(given, last), follow=True)

    for response in (question, page):
        assert "<script>alert" not in response.text
        assert "<b>Terms" not in response.text


def test_the_question_asks_the_database_the_same_of_any_number(client, last, typed):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.post(ADD, typed).status_code == 200
        return len(seen)

    LocationFactory(country="HU")
    few = queries()
    for _n in range(29):
        LocationFactory(country="HU")
    assert queries() == few
