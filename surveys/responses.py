"""Recording a filled-in survey: the customer's once, the partner's until the claim is submitted (SUR-2, SUR-3)."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from claims import surveys
from claims.lifecycle import Refused, deed, lock
from claims.models import Claim
from incentives.models import User
from mail.models import Link

from .models import Answer, Audience, Question, Questionnaire, Response


@dataclass(frozen=True)
class Signature:
    """The electronic signature at the end of every survey; a reviewer may turn an incomplete one down."""

    full_name: str
    company: str
    title: str


class LinkDied(Refused):
    """The link was used or replaced after its form was shown."""


@deed
def record(
    claim: Claim,
    questionnaire: Questionnaire,
    answers: list[tuple[Question, Any]],
    *,
    now: datetime,
    signed: Signature,
    link: Link | None = None,
    by: User | None = None,
    form_key: uuid.UUID | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> Response:
    """Tick the survey off on the claim, use the link and keep what was answered: all of it, or nothing.

    A form that is sent again gives the response it made the first time (R06).
    """
    lock(claim, now=now)
    if form_key and (kept := claim.survey_responses.filter(form_key=form_key).first()):
        return kept
    audience = Audience(questionnaire.audience)
    surveys.completed(claim, audience, by=by, now=now)
    if link and not use(link, audience, now=now):
        raise LinkDied(_("This link can no longer be answered."))
    response = Response.objects.create(
        claim=claim,
        questionnaire=questionnaire,
        audience=audience,
        link=link,
        at=now,
        form_key=form_key,
        language=language,
        **asdict(signed),
    )
    Answer.objects.bulk_create(
        Answer(response=response, question=question, value=value) for question, value in answers
    )
    return response


def use(link: Link, audience: Audience, *, now: datetime) -> bool:
    """Spend a customer's link; a partner's may be used again and must only be alive."""
    if audience == Audience.CUSTOMER:
        return link.spend(now)
    link.refresh_from_db()
    return not link.cause_of_death(now)
