"""Publishing the program terms: the rules, what a version changes, and that it is published once (ROLE-4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incentives.enrolment import validate_all
from incentives.models import Enrolment, Location, ProgrammeTerms
from incentives.programme_terms import Draft, Overtaken, TermsRefused, effects, newest, publish
from tests.factories import LocationFactory, StaffFactory, TermsFactory, UserFactory

pytestmark = pytest.mark.django_db
S = Enrolment.Status
DAY = timedelta(days=1)


@pytest.fixture
def owner(db):
    return StaffFactory(vendor_role="owner")


@pytest.fixture
def last(now):
    return TermsFactory(version="2026-1", in_force_from=now.date() - 100 * DAY, not_offered_in=["BY"])


@pytest.fixture
def draft(now):
    text = "What a location agrees to from now on."
    return Draft("2026-2", "Program terms", text, now.date() + 30 * DAY, ["BY", "HU"])


def published(draft, owner, now, **changes) -> ProgrammeTerms:
    last = newest()
    return publish(replace(draft, **changes), after=last.pk if last else None, by=owner, now=now)


def fields_of(refusal) -> list[str]:
    return [problem.field for problem in refusal.value.problems]


def test_a_version_is_kept_as_it_was_written_with_who_and_when(draft, last, owner, now):
    terms = published(draft, owner, now)

    terms.refresh_from_db()
    assert (terms.version, terms.title, terms.text) == (draft.version, draft.title, draft.text)
    assert (terms.in_force_from, terms.not_offered_in) == (draft.in_force_from, ["BY", "HU"])
    assert (terms.published_by, terms.published_at) == (owner, now)
    assert ProgrammeTerms.objects.in_force(now.date()) == last
    assert ProgrammeTerms.objects.in_force(draft.in_force_from) == terms


def test_the_first_version_of_all_can_be_published(draft, owner, now):
    assert newest() is None
    assert published(draft, owner, now) == newest()


def test_a_version_that_is_in_force_today_is_judged_by_at_once(
    draft, last, owner, now, location, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as asked:
        published(draft, owner, now, in_force_from=now.date(), not_offered_in=["US"])

    assert len(asked) == 1
    validate_all(now=now)
    assert Enrolment.objects.get(location=location).status == S.INACTIVE


def test_what_is_sent_twice_is_published_once(draft, last, owner, now):
    first = publish(draft, after=last.pk, by=owner, now=now)
    again = publish(draft, after=last.pk, by=StaffFactory(vendor_role="owner"), now=now + 400 * DAY)

    assert again == first
    assert ProgrammeTerms.objects.count() == 2
    assert again.published_by == owner


def test_whoever_did_not_know_of_the_newest_version_is_asked_again(draft, last, owner, now):
    published(draft, owner, now)

    with pytest.raises(Overtaken):
        publish(
            replace(draft, version="2026-3", in_force_from=now.date() + 60 * DAY),
            after=last.pk,
            by=owner,
            now=now,
        )
    assert ProgrammeTerms.objects.count() == 2


@pytest.mark.parametrize(
    ("version", "days", "field"),
    [
        ("2026-1", 1, "version"),
        ("2026-2", -1, "in_force_from"),
        ("2026-2", -100, "in_force_from"),
        ("2026-2", 731, "in_force_from"),
        ("2026-2", 36_500, "in_force_from"),
    ],
)
def test_a_version_that_breaks_a_rule_is_refused(draft, last, owner, now, version, days, field):
    with pytest.raises(TermsRefused) as refusal:
        published(draft, owner, now, version=version, in_force_from=now.date() + days * DAY)

    assert fields_of(refusal) == [field]
    assert ProgrammeTerms.objects.get() == last


@pytest.mark.parametrize("days", [0, 1, 730])
def test_from_today_to_two_years_ahead_it_is_taken(draft, last, owner, now, days):
    assert published(draft, owner, now, in_force_from=now.date() + days * DAY)


@pytest.mark.parametrize(("days", "refused"), [(29, True), (30, True), (31, False)])
def test_it_must_be_later_than_one_that_is_still_to_come(draft, last, owner, now, days, refused):
    published(draft, owner, now)
    later = {"version": "2026-3", "in_force_from": now.date() + days * DAY}

    if not refused:
        assert published(draft, owner, now, **later)
        return
    with pytest.raises(TermsRefused, match=r"2026-2 is in force from \w+ \d+, \d{4}") as refusal:
        published(draft, owner, now, **later)
    assert fields_of(refusal) == ["in_force_from"]


def test_the_name_of_a_version_is_taken_in_any_letters(draft, owner, now):
    TermsFactory(version="spring", in_force_from=now.date() - DAY)

    with pytest.raises(TermsRefused) as refusal:
        published(draft, owner, now, version="SPRING")
    assert fields_of(refusal) == ["version"]


# --- what it would change ---


def place(country: str, status: str, *, member: bool = True) -> Location:
    location = LocationFactory(country=country, is_member=member)
    Enrolment.objects.filter(location=location).update(status=status)
    return location


def told(draft) -> list[str]:
    return [effect.text for effect in effects(draft)]


def test_who_falls_out_is_counted_by_what_becomes_of_them(draft, last, now):
    statuses = (
        S.ENROLLED,
        S.ENROLLED,
        S.INVITED,
        S.ACTION_REQUIRED,
        S.VALIDATING,
        S.INACTIVE,
        S.DISCONTINUED,
    )
    for status in statuses:
        place("HU", status)
    place("HU", S.ENROLLED, member=False)
    for country in ("BY", "US"):
        place(country, S.ENROLLED)

    found = effects(draft)

    assert [effect.text for effect in found] == [
        "2 enrolled locations become Inactive",
        "3 locations that are invited or enrolling become Ineligible",
        "5 enrolled locations keep the terms that they accepted",
    ]
    assert "No longer offered in: Hungary." in found[0].note
    assert [effect.tone for effect in found] == ["warn", "warn", ""]


def test_what_is_told_comes_true(draft, last, owner, now):
    enrolled, invited, discontinued = (place("HU", s) for s in (S.ENROLLED, S.INVITED, S.DISCONTINUED))
    terms = last
    Enrolment.objects.update(terms=terms, accepted_by=UserFactory(), accepted_at=now)
    validate_all(now=now)
    assert told(draft)[:2] == [
        "1 enrolled location becomes Inactive",
        "1 location that is invited or enrolling becomes Ineligible",
    ]

    published(draft, owner, now, in_force_from=now.date())
    validate_all(now=now)

    stands = {e.location_id: e.status for e in Enrolment.objects.all()}
    assert stands == {
        enrolled.pk: S.INACTIVE,
        invited.pk: S.INELIGIBLE,
        discontinued.pk: S.DISCONTINUED,
    }
    assert {e.terms_id for e in Enrolment.objects.all()} == {terms.pk}


def test_who_is_let_in_again_is_counted(draft, last, now):
    for status in (S.INELIGIBLE, S.INACTIVE, S.DISCONTINUED):
        place("BY", status)

    found = effects(replace(draft, not_offered_in=[]))

    assert [(effect.text, effect.note) for effect in found][:2] == [
        ("No location loses its enrollment or its invitation", ""),
        ("2 locations are validated anew", "Offered again in: Belarus."),
    ]


def test_a_country_without_locations_is_named_all_the_same(draft, last):
    found = effects(draft)

    assert found[0].text == "No location loses its enrollment or its invitation"
    assert found[0].note == "No longer offered in: Hungary."


def test_effects_ask_the_database_the_same_of_any_number(draft, last, django_assert_max_num_queries):
    for _n in range(30):
        place("HU", S.ENROLLED)

    with django_assert_max_num_queries(3):
        effects(draft)
