"""The sheet that a request asks for or has filled in: the same behind a link and for a signed-in partner."""

from django.http import HttpRequest

from claims.models import Claim

from ..forms import SurveyForm
from ..models import Audience, Questionnaire


def sheet(request: HttpRequest, claim: Claim, audience: Audience) -> SurveyForm:
    """The form of the questionnaire that the page was made from, else of the one to ask now."""
    versions = Questionnaire.objects.open_to(claim, audience)
    shown = request.POST.get("questionnaire", "")
    named = (
        versions.filter(pk=shown).first() if shown.isascii() and shown.isdigit() and len(shown) < 10 else None
    )
    # There always is one: the default of each audience is made with the tables (surveys/defaults.py).
    questionnaire = named or versions.filter(is_current=True)[0]
    names = {"partner": claim.location.name, "engagement": claim.engagement.name}
    return SurveyForm(
        request.POST if request.method == "POST" else None, questionnaire=questionnaire, **names
    )


def wants_again(request: HttpRequest) -> bool:
    """Whether the person said Continue when told that the survey was submitted before."""
    return request.method == "POST" or "resubmit" in request.GET
