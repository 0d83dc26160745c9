from datetime import timedelta

import pytest

from engagements import verdicts
from engagements.models import Attainment, Evaluation
from tests.factories import EngagementFactory, LocationFactory, StaffFactory, hold
from tests.pages import column, links, table, words

pytestmark = pytest.mark.django_db
LIST = "/desk/engagements/attainment/"
RUNS = "/desk/engagements/evaluation/"


@pytest.fixture
def owner(signed_in):
    return signed_in(StaffFactory(vendor_role="owner"))


@pytest.fixture
def auditor(signed_in):
    return signed_in(StaffFactory(vendor_role="auditor"))


@pytest.fixture
def typed(location):
    hold(LocationFactory(), "SP Security")
    return {
        "location": location.partner_number,
        "designation": "SP Security",
        "held_from": "2026-01-01",
        "expires_on": "",
    }


def test_the_owner_adds_and_ends_an_attainment(owner, location, typed):
    assert owner.post(f"{LIST}add/", typed).headers["Location"] == LIST
    attainment = Attainment.objects.get(location=location)
    page = owner.get(LIST)
    assert f"{LIST}{attainment.pk}/change/" in [link for row in links(page) for link in row]

    change = f"{LIST}{attainment.pk}/change/"
    assert str(location.partner_number).encode() in owner.get(change).content
    owner.post(
        change, {"held_from": "2026-01-01", "expires_on": "2026-01-01", "location": 1, "designation": "x"}
    )

    attainment.refresh_from_db()
    assert (str(attainment.expires_on), attainment.location) == ("2026-01-01", location)
    assert column(owner.get(f"{LIST}?held=no"), 0) == [str(location)]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("location", "1", "No location has this PartnerID. Check the number."),
        ("location", "x", "No location has this PartnerID. Check the number."),
        ("location", "9" * 30, "No location has this PartnerID. Check the number."),
        ("location", "", "This field is required."),
        ("designation", "Medal", "Select a valid choice."),
        ("held_from", "2026-02-30", "Enter a valid date."),
        ("expires_on", "2025-12-31", "This day is before the first one. Choose a later day."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_saved(owner, typed, field, value, said):
    response = owner.post(f"{LIST}add/", typed | {field: value})

    assert (response.status_code, Attainment.objects.count()) == (422, 1)
    assert said in words(response)


def test_a_form_sent_twice_is_refused_the_second_time(owner, typed):
    owner.post(f"{LIST}add/", typed)
    response = owner.post(f"{LIST}add/", typed)

    assert (response.status_code, Attainment.objects.count()) == (422, 2)
    assert "The location has this one already. Change that entry instead." in words(response)


def test_others_of_the_staff_read_only(auditor, typed):
    attainment = Attainment.objects.get()

    page = auditor.get(LIST)

    assert len(table(page)) == 1
    assert "Add attainment" not in words(page)
    assert links(page) == [[]]
    for address in ("add/", f"{attainment.pk}/change/"):
        assert auditor.get(LIST + address).status_code == 403
        assert auditor.post(LIST + address, typed).status_code == 403


def test_an_attainment_that_does_not_exist_is_not_found(owner):
    assert owner.get(f"{LIST}999999/change/").status_code == 404


def test_runs_are_told_and_late_ones_stand_out(auditor, location, now):
    assert "Eligibility evaluated – never yet" in words(auditor.get("/desk/"))
    EngagementFactory()
    Evaluation.objects.create(as_of=now - timedelta(days=3))
    verdicts.evaluate(now=now - timedelta(hours=27))

    late = auditor.get("/desk/")
    verdicts.evaluate(now=now)

    assert b'stat stat--warn" href="/desk/engagements/evaluation/"' in late.content
    assert b'stat stat--warn" href="/desk/engagements/evaluation/"' not in auditor.get("/desk/").content
    assert "0 verdicts changed" in words(auditor.get("/desk/"))
    rows = table(auditor.get(RUNS))
    assert [row[2:] for row in rows] == [["1", "0"], ["1", "1"], ["0", "0"]]
    assert rows[2][1] == "Did not come to its end; the next run does its work again"
