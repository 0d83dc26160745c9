from datetime import timedelta

import pytest
from django.urls import reverse

from claims import lifecycle
from claims.states import Status
from surveys.models import Answer, Question, Questionnaire, Response
from tests.factories import claim_at

HOUR = timedelta(hours=1)


@pytest.fixture
def queue_url():
    return reverse("admin:claims_claim_changelist")


@pytest.fixture
def desk(signed_in, reviewer):
    """A reviewer's browser."""
    return signed_in(reviewer)


@pytest.fixture
def dispute(now, reviewer):
    """A claim that was rejected, disputed, submitted again and is under review."""

    def make(**facts):
        claim = claim_at(Status.DISPUTED, now=now, **facts)
        lifecycle.submit(claim, by=claim.created_by, now=now - 12 * HOUR)
        return lifecycle.start_review(claim, by=reviewer, now=now - 6 * HOUR)

    return make


@pytest.fixture
def decide():
    """Send a decision as the page's form does."""

    def send(client, claim, action, *, comment="Because the report lacks results.", revision=None, **more):
        claim.refresh_from_db()
        facts = {"comment": comment, "revision": claim.revision if revision is None else revision}
        return client.post(reverse("admin:claims_claim_decision", args=[claim.pk, action]), facts | more)

    return send


@pytest.fixture
def answered(now):
    """Gives a claim one more partner survey, which counts from then on, with an answer of each kind."""

    def answer(claim, **read):
        sheet_of_questions = Questionnaire.objects.create(engagement=claim.engagement, audience="partner")
        response = Response.objects.create(
            claim=claim, questionnaire=sheet_of_questions, audience="partner",
            full_name="Susie Jones", company="Contoso Ltd", title="IT manager", at=now, **read,
        )  # fmt: skip
        values = ("Yes & more", 4, ["A plan", "A decision"], "It went <b>well</b>.")
        for position, value in enumerate(values):
            question = Question.objects.create(
                questionnaire=sheet_of_questions,
                position=position,
                kind="text",
                text="How was the {engagement} of {partner}?",
            )
            Answer.objects.create(response=response, question=question, value=value)
        return claim

    return answer
