"""Enrolment: who accepts which terms, and what validation makes of it (ROLE-4)."""

from datetime import timedelta
from itertools import product

import pytest

from incentives.enrolment import (
    MOVES,
    OF_THE_LOCATION,
    OF_THE_PARTNER,
    REQUIREMENTS,
    EnrolmentRefused,
    NotYours,
    Outcome,
    enrol,
    outcome,
    unmet,
    validate_all,
)
from incentives.models import AuditEntry, Enrolment, Location, LocationRole, PayeeProfile
from incentives.models.payee import Part
from incentives.roles import RoleGone
from tests.factories import LocationFactory, TermsFactory, UserFactory, forget, give_role

pytestmark = pytest.mark.django_db
S = Enrolment.Status
ADMIN = LocationRole.Role.ADMIN


@pytest.fixture
def terms():
    return TermsFactory()


@pytest.fixture
def admin(location):
    return give_role(UserFactory(partner=location.partner, full_name="Priya Kaur"), location, role=ADMIN)


@pytest.fixture
def invited(location):
    return standing(location, S.INVITED)


def standing(location: Location, status: str, **facts: object) -> Location:
    Enrolment.objects.filter(location=location).update(status=status, **facts)
    return Location.objects.select_related("enrolment", "payee").get(pk=location.pk)


def status_of(location: Location) -> str:
    return Enrolment.objects.get(location=location).status


def accepted(terms, by, now) -> dict[str, object]:
    return {"terms": terms, "accepted_by": by, "accepted_at": now}


# --- accepting the terms ---


def test_accepting_records_who_when_and_which_terms(invited, admin, terms, now):
    enrol(invited, by=admin, terms=terms.pk, now=now)

    enrolment = Enrolment.objects.get(location=invited)
    assert (enrolment.status, enrolment.terms, enrolment.accepted_by, enrolment.accepted_at) == (
        S.VALIDATING,
        terms,
        admin,
        now,
    )
    entry = AuditEntry.objects.get(location=invited)
    assert (entry.by, entry.at, entry.before) == (admin, now, "Invited")
    assert entry.after == f"Validating enrollment, {terms.version}"


@pytest.mark.parametrize("status", [S.VALIDATING, S.ENROLLED, S.INELIGIBLE, S.INACTIVE, S.DISCONTINUED])
def test_only_what_waits_to_be_enrolled_is(location, admin, terms, now, status):
    place = standing(location, status)

    with pytest.raises(EnrolmentRefused, match="not waiting"):
        enrol(place, by=admin, terms=terms.pk, now=now)
    assert status_of(location) == status


def test_only_the_incentive_admin_of_this_location_may(invited, partner_user, stranger, terms, now):
    elsewhere = LocationFactory(partner=invited.partner)
    beside = give_role(UserFactory(partner=invited.partner), elsewhere, role=ADMIN)

    for person, refusal in ((partner_user, NotYours), (stranger, RoleGone), (beside, RoleGone)):
        with pytest.raises(refusal):
            enrol(invited, by=person, terms=terms.pk, now=now)
    assert status_of(invited) == S.INVITED


def test_terms_that_changed_while_they_were_read_are_not_accepted(invited, admin, terms, now):
    TermsFactory(in_force_from=now.date())

    with pytest.raises(EnrolmentRefused, match="Other terms"):
        enrol(invited, by=admin, terms=terms.pk, now=now)
    assert status_of(invited) == S.INVITED


def test_terms_to_come_are_not_in_force(invited, admin, terms, now):
    TermsFactory(in_force_from=(now + timedelta(days=1)).date())

    enrol(invited, by=admin, terms=terms.pk, now=now)

    assert Enrolment.objects.get(location=invited).terms == terms


# --- validation ---


def test_every_status_and_outcome_is_decided_and_nothing_leaves_discontinued():
    stays = {pair for pair in product(S, Outcome) if pair not in MOVES}

    assert {status for status, _ in MOVES} == set(S) - {S.DISCONTINUED}
    assert stays == {
        (S.INVITED, Outcome.MISSING),
        (S.INVITED, Outcome.READY),
        (S.ACTION_REQUIRED, Outcome.MISSING),
        (S.ENROLLED, Outcome.MISSING),
        (S.ENROLLED, Outcome.READY),
        (S.INELIGIBLE, Outcome.SHUT),
        (S.INACTIVE, Outcome.SHUT),
        *product([S.DISCONTINUED], Outcome),
    }


@pytest.mark.parametrize(("status", "reached"), list(product(S, Outcome)))
def test_validation_moves_a_location_as_the_table_says(location, admin, terms, now, status, reached):
    facts = accepted(terms, admin, now) if reached is not Outcome.MISSING else {}
    standing(location, status, **facts)
    Location.objects.update(is_member=reached is not Outcome.SHUT)

    moved = validate_all(now=now)

    to = MOVES.get((status, reached))
    assert status_of(location) == (to or status)
    assert moved == (to is not None)
    assert AuditEntry.objects.filter(by=None, location=location).count() == moved


@pytest.mark.parametrize(
    ("lacks", "code"),
    [
        ({"is_member": False}, "membership"),
        ({"country": "BY"}, "country"),
        ({"enrolment": None}, "terms"),
        ({"forgotten": Part.BANK}, "bank"),
        ({"forgotten": Part.TAX}, "tax"),
        ({"payee": None}, "bank"),
    ],
)
def test_each_requirement_is_found_missing(location, admin, now, lacks, code):
    terms = TermsFactory(not_offered_in=["BY"])
    standing(location, S.ENROLLED, **({} if "enrolment" in lacks else accepted(terms, admin, now)))
    if "payee" in lacks:
        PayeeProfile.objects.all().delete()
    if "forgotten" in lacks:
        forget(lacks["forgotten"])
    place = {name: value for name, value in lacks.items() if name in {"is_member", "country"}}
    Location.objects.update(**place) if place else None

    found = unmet(Location.objects.select_related("enrolment", "payee").get(), terms, now=now)

    assert found[0] == code
    assert len(found) == (2 if "payee" in lacks else 1)


def test_what_is_missing_of_the_location_shuts_it_out_and_the_rest_is_only_missing():
    assert outcome([]) is Outcome.READY
    assert {outcome([r.code]) for r in OF_THE_LOCATION} == {Outcome.SHUT}
    assert {outcome([r.code]) for r in OF_THE_PARTNER} == {Outcome.MISSING}
    assert outcome([r.code for r in REQUIREMENTS]) is Outcome.SHUT


def test_every_eligible_location_is_invited_without_asking(location, now):
    new, shut = LocationFactory(), LocationFactory(is_member=False)
    Enrolment.objects.filter(location__in=[new, shut]).delete()

    validate_all(now=now)

    assert (status_of(new), status_of(shut)) == (S.INVITED, S.INELIGIBLE)


def test_validating_again_changes_nothing(location, admin, terms, now):
    standing(location, S.VALIDATING, **accepted(terms, admin, now))
    validate_all(now=now)
    before = Enrolment.objects.values().get()

    assert validate_all(now=now + timedelta(days=3)) == 0
    assert Enrolment.objects.values().get() == before
    assert AuditEntry.objects.count() == 1


def test_validation_takes_any_number_of_locations_in_batches(monkeypatch, terms, now):
    monkeypatch.setattr("incentives.enrolment.BATCH", 2)
    for _n in range(5):
        standing(LocationFactory(), S.INELIGIBLE)

    assert validate_all(now=now) == 5


# --- the pages ---


def address(location: Location) -> str:
    return f"/incentives/enrolments/{location.pk}/"


def test_an_admin_reads_the_terms_and_enrolls(signed_in, invited, admin, terms):
    client = signed_in(admin)
    page = client.get(address(invited))
    assert page.status_code == 200
    assert terms.text in page.text

    response = client.post(
        f"{address(invited)}acceptance/", {"terms": terms.pk, "accepted": "on"}, follow=True
    )

    assert status_of(invited) == S.VALIDATING
    assert f"{invited} is being validated." in response.text


def test_without_the_tick_nothing_happens_and_the_field_says_so(signed_in, invited, admin, terms):
    response = signed_in(admin).post(f"{address(invited)}acceptance/", {"terms": terms.pk})

    assert response.status_code == 422
    assert "Read the terms and tick the box" in response.text
    assert status_of(invited) == S.INVITED


@pytest.mark.parametrize("wrong", ["", "0", "-1", "9" * 30, "x", "１"])
def test_other_terms_than_those_in_force_are_refused(signed_in, invited, admin, terms, wrong):
    response = signed_in(admin).post(f"{address(invited)}acceptance/", {"terms": wrong, "accepted": "on"})

    assert response.status_code in {409, 422}
    assert status_of(invited) == S.INVITED


def test_a_user_of_the_location_sees_who_can_enroll_it(signed_in, invited, partner_user, admin, terms):
    page = signed_in(partner_user).get(address(invited))

    assert "Priya Kaur" in page.text
    assert "I have read these terms" not in page.text
    refusal = signed_in(partner_user).post(
        f"{address(invited)}acceptance/", {"terms": terms.pk, "accepted": "on"}
    )
    assert refusal.status_code == 403
    assert "Only an Incentive Admin" in refusal.text


def test_before_terms_are_published_the_page_says_so(signed_in, invited, admin):
    assert "No terms are in force yet" in signed_in(admin).get(address(invited)).text
    assert "No terms are in force yet" in signed_in(admin).get("/incentives/programme/").text


def test_the_guide_shows_the_terms_in_force_and_the_versions(signed_in, partner_user, terms, now):
    later = TermsFactory(in_force_from=(now + timedelta(days=9)).date())

    page = signed_in(partner_user).get("/incentives/programme/").text

    assert terms.text in page
    assert f"{later.version}, from" in page
    assert "(to come)" in page
