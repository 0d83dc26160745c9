"""Two owners at the same instant: an enrolment ends once, a version is published once, and nobody breaks (ROLE-4)."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError

from incentives import enrolment, programme_terms
from incentives.enrolment import EnrolmentRefused, discontinue, reinstate, validate_all
from incentives.models import AuditEntry, Enrolment, ProgrammeTerms
from incentives.programme_terms import Draft, Overtaken, publish
from tests.browsers import Browser
from tests.factories import LocationFactory, StaffFactory, TermsFactory
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
S = Enrolment.Status


@pytest.fixture
def owners(db):
    return [StaffFactory(vendor_role="owner") for _ in range(12)]


def codes(results: list) -> list[int]:
    return sorted(response.status_code for response in results)


def sent(owner, address: str, fields: dict[str, object]):
    """An owner's form, ready to be sent by a thread of its own."""
    client = Browser(raise_request_exception=False)
    client.force_login(owner)
    return partial(client.post, address, fields)


def test_twelve_owners_end_an_enrolment_once(owners, now):
    location = LocationFactory()
    results = at_once(*[partial(discontinue, location, by=o, reason="Closed.", now=now) for o in owners])

    assert len(won(results)) == 1
    assert {type(result) for result in results if result is not None} == {EnrolmentRefused}
    assert AuditEntry.objects.count() == 1

    results = at_once(*[partial(reinstate, location, by=o, now=now) for o in owners])
    assert len(won(results)) == 1
    assert AuditEntry.objects.count() == 2


def test_control_without_the_row_lock_it_is_ended_several_times(owners, now, monkeypatch):
    monkeypatch.setattr(Enrolment.objects, "select_for_update", lambda **_: Enrolment.objects.all())
    monkeypatch.setattr(enrolment.standing, "changed", lambda *_, **__: None)
    overshoot = 0
    for _ in range(5):
        location = LocationFactory()
        acts = [partial(discontinue, location, by=o, reason="Closed.", now=now) for o in owners]
        overshoot = max(overshoot, len(won(at_once(*acts))))
        if overshoot > 1:
            break
    assert overshoot > 1


def test_the_doors_answer_one_owner_with_the_deed_and_the_others_with_why(owners, now):
    address = f"/desk/incentives/enrolment/{LocationFactory().enrolment.pk}/discontinuation/"
    results = at_once(*[sent(o, address, {"reason": "Closed."}) for o in owners[:4]])

    assert codes(results) == [302, 409, 409, 409]


def test_validation_beside_it_brings_nothing_back(owners, now):
    TermsFactory()
    for owner in owners[:6]:
        location = LocationFactory(enrolled=False)
        Enrolment.objects.filter(location=location).update(status=S.VALIDATING)
        results = at_once(
            partial(discontinue, location, by=owner, reason="Closed.", now=now),
            partial(validate_all, now=now),
        )
        assert [result for result in results if isinstance(result, Exception)] == []
        assert Enrolment.objects.get(location=location).status == S.DISCONTINUED


# --- publishing ---


@pytest.fixture
def last(now):
    return TermsFactory(version="2026-1", in_force_from=now.date() - timedelta(days=9))


@pytest.fixture
def drafts(now):
    """Twelve versions of which any one could be the next, and any two could follow each other."""
    first = Draft("2026-2", "Terms", "Text", now.date() + timedelta(days=10), [])
    days = [first.in_force_from + timedelta(days=n) for n in range(12)]
    return [replace(first, version=f"2026-{n + 2}", in_force_from=day) for n, day in enumerate(days)]


def test_of_twelve_versions_one_is_published(owners, last, drafts, now):
    acts = [
        partial(publish, draft, after=last.pk, by=o, now=now) for draft, o in zip(drafts, owners, strict=True)
    ]
    results = at_once(*acts)

    assert len(won(results)) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {Overtaken}
    assert ProgrammeTerms.objects.count() == 2


def test_the_same_form_sent_twelve_times_publishes_once(owners, last, drafts, now):
    results = at_once(*[partial(publish, drafts[0], after=last.pk, by=owners[0], now=now)] * 12)

    assert len({terms.pk for terms in won(results)}) == 1
    assert len(won(results)) == 12
    assert ProgrammeTerms.objects.count() == 2


def test_control_without_its_lock_more_than_one_gets_through(owners, last, drafts, now, monkeypatch):
    monkeypatch.setattr(programme_terms, "one_publishes", lambda: None)
    for _ in range(5):
        same = [partial(publish, drafts[0], after=last.pk, by=o, now=now) for o in owners[:6]]
        others = [partial(publish, d, after=last.pk, by=owners[0], now=now) for d in drafts[6:]]
        results = at_once(*same, *others)
        broken = any(isinstance(result, IntegrityError) for result in results)
        if broken or ProgrammeTerms.objects.count() > 2:
            return
    pytest.fail("without the lock nobody got in anybody's way")


def test_the_doors_answer_one_owner_with_the_version_and_the_others_with_why(owners, last, drafts, now):
    def form(draft: Draft) -> dict[str, object]:
        given = {"version": draft.version, "title": draft.title, "text": draft.text}
        day = {"in_force_from": draft.in_force_from.isoformat()}
        return given | day | {"confirmed": "yes", "revision": last.pk}

    address = "/desk/incentives/programmeterms/add/"
    acts = [sent(o, address, form(draft)) for o, draft in zip(owners[:4], drafts[:4], strict=True)]

    assert codes(at_once(*acts)) == [302, 409, 409, 409]
    assert ProgrammeTerms.objects.count() == 2
