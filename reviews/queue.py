"""The reviewers' queue: which claims wait for a decision, until when, and in which order (REV-1)."""

from datetime import datetime, timedelta

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Least

from claims.models import Claim
from claims.states import IN_REVIEW

DISPUTE_ANSWER = timedelta(days=5)  # REV-1: the reviewers answer a dispute within 5 calendar days
NEAR = timedelta(days=5)  # DL-2: a reviewer is warned when less is left
RELATED = ("engagement", "location", "customer__organization")


def after(start: str, days: str) -> ExpressionWrapper:
    """The instant so many days of exactly 24 hours after a recorded one (DL-1)."""
    length = ExpressionWrapper(F(days) * Value(timedelta(hours=24)), output_field=DurationField())
    return ExpressionWrapper(F(start) + length, output_field=DateTimeField())


def with_deadlines(claims: QuerySet, now: datetime) -> QuerySet:
    """Adds what the list is ordered by, and the instant at which all of it was asked.

    `review_deadline` is what `deadlines.review_deadline` says, in SQL; `answer_by` is when a dispute that waits must be
    answered; `decide_by` is the earlier of both.
    """
    answer_by = ExpressionWrapper(F("submitted_at") + Value(DISPUTE_ANSWER), output_field=DateTimeField())
    return claims.annotate(
        asked_at=Value(now, output_field=DateTimeField()),
        review_deadline=Case(
            When(dispute_submitted_at__isnull=False, then=after("dispute_submitted_at", "dispute_days")),
            default=after("consented_at", "review_days"),
        ),
        answer_by=Case(When(dispute_submitted_at__isnull=False, status__in=IN_REVIEW, then=answer_by)),
        decide_by=Least("review_deadline", "answer_by"),
    )


def claims(now: datetime) -> QuerySet:
    """Every claim as it is at this instant, with what a row of the queue shows."""
    rows = Claim.objects.as_of(now).select_related(*RELATED).defer("search_text", "search_vector")
    return with_deadlines(rows, now)


def waiting(rows: QuerySet) -> QuerySet:
    """Those that wait for a reviewer: submitted, submitted again, or under review."""
    return rows.filter(status__in=IN_REVIEW)


def answer_by(claim: Claim) -> datetime | None:
    """When the reviewers must have answered this dispute, or None where none waits."""
    if claim.submitted_at is None or claim.dispute_submitted_at is None or claim.status not in IN_REVIEW:
        return None
    return claim.submitted_at + DISPUTE_ANSWER
