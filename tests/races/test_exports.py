"""An export that is asked for twice at the same instant, and two workers that take the same one (R15)."""

import uuid
from functools import partial

import pytest

from claims import export_jobs
from claims.models import Export
from tests.together import at_once, won

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_a_form_sent_twice_at_once_is_one_export(partner_user, now):
    key = uuid.uuid4()
    ask = partial(export_jobs.ask, partner_user, "csv", "", form_key=key, now=now)
    asked = at_once(*[ask] * 6)
    assert len(won(asked)) == 6
    assert {export.pk for export in asked} == {Export.objects.get().pk}


def test_two_workers_make_one_file(partner_user, now):
    export = export_jobs.ask(partner_user, "csv", "", form_key=uuid.uuid4(), now=now)
    at_once(*[partial(export_jobs.make, export.pk, now=now)] * 6)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (Export.State.DONE, 1)
    assert list(export_jobs.stored()) == [export.file.name]
