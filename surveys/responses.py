"""Recording a filled-in survey: the customer's once, the partner's again and again until the claim is submitted (SUR-2, SUR-3)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from claims import surveys
from claims.lifecycle import Refused, deed
from claims.models import Claim
from incentives.models import User
from mail.models import Link

from .models import Answer, Audience, Question, Questionnaire, Response


class LinkDied(Refused):
    """The link was used or replaced after its form was shown."""


@deed
def record(
    claim: Claim,
    questionnaire: Questionnaire,
    answers: list[tuple[Question, Any]],
    *,
    now: datetime,
    full_name: str,
    company: str,
    title: str,
    link: Link | None = None,
    by: User | None = None,
) -> Response:
    """Tick the survey off on the claim and keep what was answered, all in one transaction; the link comes after the claim."""
    audience = Audience(questionnaire.audience)
    surveys.completed(claim, audience, by=by, now=now)
    if link and not use(link, audience, now=now):
        raise LinkDied(_("This link can no longer be answered."))
    response = Response.objects.create(
        claim=claim,
        questionnaire=questionnaire,
        audience=audience,
        link=link,
        full_name=full_name,
        company=company,
        title=title,
        at=now,
    )
    Answer.objects.bulk_create(Answer(response=response, question=question, value=value) for question, value in answers)
    return response


def use(link: Link, audience: Audience, *, now: datetime) -> bool:
    """Spend a customer's link; a partner's may be used again and must only be alive."""
    if audience == Audience.CUSTOMER:
        return link.spend(now)
    link.refresh_from_db()
    return not link.cause_of_death(now)
