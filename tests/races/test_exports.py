"""An export that is asked for twice at the same instant, and two workers that take the same one (R15)."""

import uuid
from functools import partial

import pytest
from django.db import IntegrityError

from claims import export_jobs, saved_views
from claims.export_jobs import UNDER_WAY_AT_MOST, ExportRefused
from claims.models import Export, SavedView
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def asked(partner_user, now):
    """Six at once, with one form or with one each."""

    def ask(*, forms: int) -> list:
        keys = [uuid.uuid4() for _ in range(forms)] * (6 // forms)
        return at_once(
            *[partial(export_jobs.ask, partner_user, "csv", "", form_key=key, now=now) for key in keys]
        )

    return ask


@pytest.fixture
def export(partner_user, now):
    return export_jobs.ask(partner_user, "csv", "", form_key=uuid.uuid4(), now=now)


def made_by_six(export: Export, *, now) -> Export:
    """The export after six workers were told of it."""
    at_once(*[partial(export_jobs.make, export.pk, now=now)] * 6)
    export.refresh_from_db()
    return export


def test_a_form_sent_twice_at_once_is_one_export(asked):
    results = asked(forms=1)
    assert len(won(results)) == 6
    assert {export.pk for export in results} == {Export.objects.get().pk}


def test_nobody_has_more_under_way_than_anybody_may(asked):
    results = asked(forms=6)
    assert len(won(results)) == Export.objects.count() == UNDER_WAY_AT_MOST
    assert {type(refused) for refused in results if isinstance(refused, Exception)} == {ExportRefused}


def test_control_without_the_lock_on_the_person_forms_trip_over_each_other(asked, monkeypatch):
    """The constraint still keeps one form from being two exports; nothing else keeps the cap."""
    monkeypatch.setattr(export_jobs, "lock_person", lambda person: None)
    for _ in range(5):
        same, others = asked(forms=1), asked(forms=6)
        if Export.objects.count() > UNDER_WAY_AT_MOST and IntegrityError in map(type, same):
            break
        Export.objects.all().delete()
    assert Export.objects.count() > UNDER_WAY_AT_MOST
    assert IntegrityError in map(type, same)
    assert IntegrityError not in map(type, others)


def test_two_workers_make_one_file(export, now):
    made = made_by_six(export, now=now)
    assert (made.state, made.attempts) == (Export.State.DONE, 1)
    assert list(export_jobs.stored()) == [made.file.name]


def test_control_a_worker_that_does_not_ask_whether_it_is_free_begins_again(export, now, monkeypatch):
    everything = Export.objects.all()
    monkeypatch.setattr(Export.objects, "filter", lambda **facts: everything.filter(pk=facts["pk"]))
    assert made_by_six(export, now=now).attempts > 1


def test_a_view_saved_twice_at_once_is_one_view(partner_user, now):
    save = partial(saved_views.save, partner_user, "Mine", "search=Contoso", shared=False, now=now)
    results = at_once(*[save] * 6)
    assert {view.pk for view in results} == {SavedView.objects.get().pk}
