"""Words that tests of the surveys speak in: a survey that was sent, and a sheet filled in."""

from datetime import datetime
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from claims.models import Claim
from claims.states import Status
from mail.models import Link, Message
from surveys.invitations import send
from surveys.models import Audience, Question, Questionnaire
from tests.browsers import Browser
from tests.factories import claim_at

SIGNED = {"full_name": "Susie Jones", "company": "Contoso Ltd", "title": "IT Manager"}


def filled(audience: str, **changed: Any) -> dict[str, Any]:
    """A sheet of the default questionnaire with every question answered."""
    given = {"number": "24", "text": "Nothing at all", "scale": "4"}
    sheet: dict[str, Any] = dict(SIGNED)
    for question in Question.objects.filter(questionnaire__audience=audience, questionnaire__engagement=None):
        choices = question.options.get("choices", [])
        if question.kind != Question.Kind.SIGNATURE:
            sheet[f"q{question.pk}"] = (
                choices[:2]
                if question.kind == "multiple"
                else choices[0]
                if choices
                else given[question.kind]
            )
    return sheet | changed


def field(audience: str, kind: str) -> str:
    """The name of the first field of this kind in the default questionnaire."""
    return f"q{Question.objects.filter(questionnaire__audience=audience, kind=kind).first().pk}"


def default(audience: str) -> Questionnaire:
    return Questionnaire.objects.get(audience=audience, engagement=None)


def sent(claim: Claim, audience: str, *, now: datetime) -> Link:
    """Send the survey with the real verb; the link that its recipient gets."""
    send(claim, Audience(audience), by=claim.created_by, now=now)
    return Link.objects.filter(purpose=f"{audience}_survey", subject_id=claim.pk).latest("pk")


def mails() -> QuerySet[Message]:
    """The survey mails written so far; the walk to a claim's status writes others."""
    return Message.objects.filter(kind__endswith="_survey")


def key_of(link: Link) -> str:
    return link.url.rstrip("/").rpartition("/")[2]


def open_link(client: Client, link: Link) -> str:
    response = client.get(reverse(f"door:{link.purpose}", args=[key_of(link)]))
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


@pytest.fixture
def consented(now) -> Claim:
    """A claim whose customer has given consent, so that surveys can be sent and answered."""
    return claim_at(Status.CONSENT_RECEIVED, now=now)


@pytest.fixture
def visitor() -> Client:
    return Browser()
