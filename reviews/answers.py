"""What customer and partner answered in the surveys: for the vendor's reviewers only (SUR-5)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext

from claims.models import Claim
from surveys.models import Answer, Response


@dataclass(frozen=True)
class Line:
    """One question in the reader's words, and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True)
class Filled:
    """One filled-in survey: who signed it, and its lines."""

    response: Response
    lines: list[Line]

    @property
    def read_in(self) -> str:
        """The language in which the questions were read, where it is not the one that they were written in."""
        language = self.response.language
        return "" if language == settings.LANGUAGE_CODE else dict(settings.LANGUAGES).get(language, language)


def filled(claim: Claim) -> list[Filled]:
    """The surveys that count for the claim, the customer's first."""
    answers = Prefetch("answers", Answer.objects.select_related("question"))
    return [Filled(r, lines(r, claim)) for r in Response.objects.counting(claim).prefetch_related(answers)]


def lines(response: Response, claim: Claim) -> list[Line]:
    return [Line(words(answer.question.text, claim), said(answer.value)) for answer in response.answers.all()]


def words(text: str, claim: Claim) -> str:
    names = {"{partner}": claim.location.name, "{engagement}": claim.engagement.name}
    text = gettext(text)
    for place, name in names.items():
        text = text.replace(place, name)
    return text


def said(value: Any) -> str:
    """One answer as a person reads it: a text, a number, or every choice that was ticked."""
    return ", ".join(gettext(str(part)) for part in (value if isinstance(value, list) else [value]))
