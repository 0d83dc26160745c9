"""Enrolments at the desk: who reads them, what they tell, and the owner's two deeds (ROLE-4, ROLE-6)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.enrolment import discontinue
from incentives.models import AuditEntry, Enrolment, PayeeProfile, User
from tests.factories import LocationFactory, PartnerFactory, StaffFactory, TermsFactory, UserFactory
from tests.pages import links, table, words

pytestmark = pytest.mark.django_db
LIST = "/desk/incentives/enrolment/"
Role = User.VendorRole
S = Enrolment.Status


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role=Role.OWNER, full_name="Daniel Weiss")


@pytest.fixture
def client(signed_in, owner):
    return signed_in(owner)


@pytest.fixture
def enrolment(location):
    return location.enrolment


def at(enrolment: Enrolment, what: str = "change") -> str:
    return f"{LIST}{enrolment.pk}/{what}/"


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


# --- who may ---


@pytest.mark.parametrize("role", Role.values)
def test_those_who_need_it_read_and_the_owner_alone_acts(signed_in, enrolment, role):
    client = signed_in(StaffFactory(vendor_role=role))
    reads = 403 if role == Role.REVIEWER else 200
    acts = role == Role.OWNER

    assert [client.get(address).status_code for address in (LIST, at(enrolment))] == [reads] * 2
    assert client.get(at(enrolment, "discontinuation")).status_code == (200 if acts else 403)
    assert ("Discontinue enrollment" in words(client.get(at(enrolment)))) == acts
    sent = client.post(at(enrolment, "discontinuation"), {"reason": "It has closed."})
    assert sent.status_code == (302 if acts else 403)
    renewed = client.post(at(enrolment, "reinstatement"))
    assert renewed.status_code == (302 if acts else 403)
    assert AuditEntry.objects.count() == (2 if acts else 0)


def test_for_people_of_partners_none_of_it_exists(signed_in, enrolment, partner_user):
    client = signed_in(partner_user)
    addresses = (LIST, at(enrolment), at(enrolment, "discontinuation"))

    assert {client.get(address).status_code for address in addresses} == {404}
    assert client.post(at(enrolment, "reinstatement")).status_code == 404
    assert client.post(at(enrolment, "discontinuation"), {"reason": "x"}).status_code == 404


def test_the_admins_own_doors_do_not_exist(client, enrolment):
    paths = [f"{LIST}add/", at(enrolment, "delete"), at(enrolment, "history"), f"{LIST}{enrolment.pk}/"]
    assert {client.post(path, {"post": "yes"}).status_code for path in paths} == {404}
    assert client.post(at(enrolment), {"status": "enrolled"}).status_code == 405


# --- the list ---


def test_a_row_tells_where_a_location_stands_and_what_it_lacks(client, location, now):
    Enrolment.objects.update(
        status=S.ACTION_REQUIRED,
        missing=["tax", "bank"],
        terms=TermsFactory(version="2026-1"),
        accepted_by=UserFactory(),
        accepted_at=now,
        judged_at="2026-03-04T05:06:07Z",
    )

    assert table(client.get(LIST)) == [
        [
            str(location),
            "United States of America",
            "Action required",
            "Complete bank details; Complete tax details",
            "2026-1",
            "–",
            "Mar 4, 2026, 05:06:07 UTC",
        ]
    ]


@pytest.mark.parametrize(
    ("query", "cities"),
    [
        ("", ["Gone", "Las Vegas", "New"]),
        ("status=discontinued", ["Gone"]),
        ("status=enrolled", ["Las Vegas"]),
        ("status=nonsense", ["Gone", "Las Vegas", "New"]),
        ("q=gone", ["Gone"]),
        ("q=Northern", ["New"]),
        ("q=Partner+Five", ["New"]),
        ("q=5999123", ["New"]),
        ("q=5999", []),
        ("terms=", ["Gone", "Las Vegas", "New"]),
        ("terms=99999999999999999999", ["Gone", "Las Vegas", "New"]),
    ],
)
def test_filters_and_search(client, location, owner, now, query, cities):
    gone = LocationFactory(city="Gone", partner=location.partner)
    five = PartnerFactory(name="Partner Five")
    LocationFactory(city="New", name="Northern", partner=five, partner_number=5999123, enrolled=False)
    discontinue(gone, by=owner, reason="It has closed.", now=now)

    rows = table(client.get(f"{LIST}?{query}"))

    assert sorted(row[0].split(", ")[2].split(" (")[0] for row in rows) == cities


def test_the_list_of_those_who_accepted_a_version(client, location, now):
    LocationFactory()
    terms = TermsFactory()
    Enrolment.objects.filter(location=location).update(
        terms=terms, accepted_by=UserFactory(), accepted_at=now
    )

    assert [row[0] for row in table(client.get(f"{LIST}?terms={terms.pk}"))] == [str(location)]


def test_rows_stand_by_name_and_number(client):
    named = {name: PartnerFactory(name=name) for name in ("Beta", "Alpha")}
    second, first = (LocationFactory(partner=named["Alpha"], partner_number=n) for n in (5900002, 5900001))
    third = LocationFactory(partner=named["Beta"], partner_number=5900000)

    assert [row[0] for row in table(client.get(LIST))] == [str(first), str(second), str(third)]


def test_queries_do_not_grow_with_enrolments(client, location):
    few = queries(client, LIST)
    for _n in range(29):
        LocationFactory()
    Enrolment.objects.update(missing=["terms", "bank", "tax"])

    assert len(table(client.get(LIST))) == 30
    assert queries(client, LIST) == few


def test_the_first_page_counts_who_is_enrolled_and_who_is_on_the_way(client, location):
    LocationFactory(enrolled=False)

    response = client.get("/desk/")

    assert "Enrolled locations 1 1 more invited or enrolling" in words(response)
    assert f"{LIST}?status=enrolled" in response.text


# --- the page of one ---


def test_the_page_tells_requirements_terms_and_history(client, enrolment, location, owner, now):
    terms = TermsFactory(version="2026-1", title="Program terms", not_offered_in=["US"])
    Enrolment.objects.update(
        terms=terms, accepted_by=UserFactory(full_name="Priya Kaur"), accepted_at="2026-01-02T03:04:05Z"
    )
    PayeeProfile.objects.all().delete()
    AuditEntry.write("enrolment", by=None, now=now - timedelta(days=2), location=location, after="Invited")
    AuditEntry.write("bank", by=owner, now=now, location=location, after="Of the bank")
    elsewhere = LocationFactory()
    AuditEntry.write("enrolment", by=None, now=now, location=elsewhere, after="Of another")
    discontinue(location, by=owner, reason="It has closed.", now=now)

    page = client.get(at(enrolment))
    text = words(page)

    assert "Met: Active partner membership" in text
    assert "Not met: Program offered in the location's country/region" in text
    assert "Met: Program terms accepted" in text
    assert "Not met: Complete bank details" in text
    assert "Terms accepted Program terms, 2026-1 Accepted by Priya Kaur , Jan 2, 2026, 03:04:05 UTC" in text
    assert [row[1:] for row in table(page)] == [
        ["Daniel Weiss", "Enrolled", "Discontinued: It has closed."],
        ["The portal", "–", "Invited"],
    ]


def test_without_terms_and_history_the_page_stands_too(client, enrolment):
    assert "The enrollment has not changed since the history began." in words(client.get(at(enrolment)))


def test_queries_do_not_grow_with_the_history(client, enrolment, location, owner, now):
    def change() -> None:
        AuditEntry.write("enrolment", by=StaffFactory(), now=now, location=location, after="Invited")

    change()
    few = queries(client, at(enrolment))
    for _n in range(29):
        change()

    assert queries(client, at(enrolment)) == few
    assert len(table(client.get(f"{at(enrolment)}?page=2"))) == 5
    assert client.get(f"{at(enrolment)}?page=9").status_code == 404


# --- discontinuing and reinstating ---


def test_the_question_says_what_it_means_before_anything_happens(client, enrolment):
    text = words(client.get(at(enrolment, "discontinuation")))

    assert "The location can make no new claims, for any engagement." in text
    assert "Its open claims go on" in text
    assert AuditEntry.objects.count() == 0


def test_the_owner_discontinues_and_reinstates(client, enrolment, location, owner):
    response = client.post(at(enrolment, "discontinuation"), {"reason": "  It has\r\n closed. "}, follow=True)

    assert response.redirect_chain == [(at(enrolment), 302)]
    assert f"The enrollment of {location} is discontinued." in words(response)
    assert "It has closed." in words(response)
    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.discontinued_reason) == (S.DISCONTINUED, "It has closed.")

    response = client.post(at(enrolment, "reinstatement"), follow=True)

    assert f"{location} is reinstated and is being validated." in words(response)
    assert AuditEntry.objects.filter(by=owner).count() == 2


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ("", "Write why, for the people of the location."),
        (" \r\n\t ", "Write why, for the people of the location."),
        ("x" * 201, "at most 200 characters"),
        ("It\0closed", "Null characters are not allowed."),
    ],
)
def test_a_reason_that_is_none_is_refused(client, enrolment, reason, complaint):
    response = client.post(at(enrolment, "discontinuation"), {"reason": reason})

    assert response.status_code == 422
    assert complaint in words(response)
    assert Enrolment.objects.get().status == S.ENROLLED
    assert AuditEntry.objects.count() == 0


def test_two_hundred_characters_are_a_reason_however_its_lines_are_broken(client, enrolment):
    sent = client.post(at(enrolment, "discontinuation"), {"reason": "x" * 99 + "\r\n" + "y" * 100})

    assert sent.status_code == 302
    assert len(Enrolment.objects.get().discontinued_reason) == 200


def test_what_was_done_already_is_said_and_nothing_is_changed(client, enrolment):
    address = at(enrolment, "discontinuation")
    client.post(address, {"reason": "It has closed."})
    before = Enrolment.objects.values().get()

    again = client.post(address, {"reason": "Another one"})

    assert again.status_code == 409
    assert "This enrollment is discontinued already. Nothing was changed." in words(again)
    assert client.get(address).headers["Location"] == at(enrolment)
    assert Enrolment.objects.values().get() == before


def test_what_is_not_discontinued_cannot_be_reinstated(client, enrolment):
    before = Enrolment.objects.values().get()

    response = client.post(at(enrolment, "reinstatement"))

    assert response.status_code == 409
    assert "This enrollment is not discontinued. Nothing was changed." in words(response)
    assert Enrolment.objects.values().get() == before


@pytest.mark.parametrize("key", ["0", "9" * 25, "x"])
def test_an_enrolment_that_is_none_is_not_found(client, key):
    for what in ("change", "discontinuation"):
        assert client.get(f"{LIST}{key}/{what}/").status_code == 404
    assert client.post(f"{LIST}{key}/reinstatement/").status_code == 404


def test_what_somebody_wrote_is_never_markup(client, enrolment, location, owner, now):
    discontinue(location, by=owner, reason="<script>alert(1)</script>", now=now)

    assert "<script>alert" not in client.get(at(enrolment)).text
    assert links(client.get(LIST)) == [[at(enrolment)]]
