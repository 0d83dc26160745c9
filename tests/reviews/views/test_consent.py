"""The customer's answer as evidence: on the review page and as a file, for those who may read a reason (L18)."""

import json

import pytest
from django.urls import reverse

from claims.states import Status
from consent.models import ConsentAnswer
from tests.factories import StaffFactory, claim_at
from tests.pages import words

pytestmark = pytest.mark.django_db
CONFIDENTIAL = {"reviewer", "lead", "auditor"}


def page_of(claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def file_of(claim) -> str:
    return reverse("admin:claims_claim_consent", args=[claim.pk])


@pytest.fixture
def declined(now):
    return claim_at(Status.CONSENT_DECLINED, now=now)


def test_the_file_holds_everything_that_is_kept_of_the_answer(desk, declined):
    given = ConsentAnswer.objects.get(claim=declined)

    answer = desk.get(file_of(declined))
    told = json.loads(answer.content)

    kept = {"answer", "decline_reason", "decline_text", "text_version", "text_shown"}
    assert {name: told[name] for name in kept} == {name: getattr(given, name) for name in kept}
    assert (told["claim"], told["link"], told["link_sent_to"]) == (
        declined.pk,
        given.link_id,
        given.link.address,
    )
    assert given.at.isoformat()[:19] == told["answered_at"][:19]
    assert {"ip_address", "browser", "partner", "customer", "engagement"} < set(told)
    assert answer["Content-Disposition"] == f'attachment; filename="consent-{declined.pk}.json"'
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("role", ["reviewer", "lead", "support", "auditor"])
def test_where_it_came_from_and_why_is_for_those_who_judge(signed_in, declined, role):
    given, client = ConsentAnswer.objects.get(claim=declined), signed_in(StaffFactory(vendor_role=role))

    page, file = words(client.get(page_of(declined))), client.get(file_of(declined))

    assert given.text_shown in page
    assert f"No. {given.link_id}" in page
    assert ("Reason for declining" in page, "Answered from" in page) == (
        role in CONFIDENTIAL,
        role in CONFIDENTIAL,
    )
    assert file.status_code == (200 if role in CONFIDENTIAL else 403)


def test_where_nobody_answered_there_is_no_evidence(desk, now):
    waiting = claim_at(Status.AWAITING_CONSENT, now=now)

    assert "The customer's answer" not in words(desk.get(page_of(waiting)))
    assert desk.get(file_of(waiting)).status_code == 404
