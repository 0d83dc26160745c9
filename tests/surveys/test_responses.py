from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from claims.lifecycle import DeadlinePassed, NotAllowed
from claims.states import Status
from surveys.models import Answer, Response
from surveys.responses import LinkDied, Signature, record
from tests.factories import claim_at

from .conftest import SIGNED, default, sent

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)


def answer(claim, audience, *, now, link=None, value="x"):
    sheet = default(audience)
    return record(
        claim, sheet, [(sheet.questions.first(), value)], now=now, link=link, signed=Signature(**SIGNED)
    )


def test_customers_answer_is_kept_and_ticked_off(consented, now):
    link = sent(consented, "customer", now=now)

    response = answer(consented, "customer", link=link, now=now)

    consented.refresh_from_db()
    link.refresh_from_db()
    assert (consented.customer_survey_done_at, link.used_at) == (now, now)
    assert (response.full_name, response.company, response.title) == (
        "Susie Jones",
        "Contoso Ltd",
        "IT Manager",
    )
    assert [(a.question.position, a.value) for a in response.answers.all()] == [(1, "x")]
    assert consented.events.first().action == "complete_customer_survey"


def test_customer_answers_once(consented, now):
    link = sent(consented, "customer", now=now)
    answer(consented, "customer", link=link, now=now)

    with pytest.raises(LinkDied):
        answer(consented, "customer", link=link, now=now + DAY)

    consented.refresh_from_db()
    assert consented.customer_survey_done_at == now
    assert Response.objects.count() == 1


def test_partner_answers_again_and_the_latest_counts(consented, now):
    link = sent(consented, "partner", now=now)
    for day in range(3):
        answer(consented, "partner", link=link, now=now + day * DAY, value=day)

    (counting,) = Response.objects.counting(consented)
    assert counting.answers.get().value == 2
    assert Response.objects.count() == 3
    link.refresh_from_db()
    assert link.used_at is None


@pytest.mark.parametrize("audience", ["customer", "partner"])
def test_replaced_link_records_nothing(consented, now, audience):
    old = sent(consented, audience, now=now)
    sent(consented, audience, now=now + DAY)

    with pytest.raises(LinkDied):
        answer(consented, audience, link=old, now=now + DAY)

    consented.refresh_from_db()
    assert getattr(consented, f"{audience}_survey_done_at") is None
    assert Response.objects.count() == 0


def test_nothing_is_recorded_once_the_claim_is_submitted(now):
    claim = claim_at(Status.SUBMITTED, now=now)
    before = Response.objects.count()

    with pytest.raises(NotAllowed):
        answer(claim, "partner", now=now)

    assert Response.objects.count() == before


def test_answer_after_the_deadline_expires_the_claim(consented, now):
    with pytest.raises(DeadlinePassed):
        answer(consented, "partner", now=consented.expires_at)

    consented.refresh_from_db()
    assert consented.status == Status.NOT_SUBMITTED_EXPIRED
    assert Response.objects.count() == 0


@pytest.mark.parametrize("table", ["surveys_response", "surveys_answer"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = 0", "DELETE FROM {}"])
def test_answers_cannot_be_changed_or_deleted(consented, now, table, change):
    answer(consented, "partner", now=now)

    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table))

    assert (Response.objects.count(), Answer.objects.count()) == (1, 1)
