from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from claims.lifecycle import Refused
from claims.models import Claim
from claims.surveys import PARTY
from incentives import throttle
from mail import doors
from mail.clock import TimedRequest
from mail.languages import spoken
from mail.models import Link

from ..forms import SurveyForm
from ..models import Audience
from ..responses import record
from .sheets import sheet, wants_again

AUDIENCES = {audience.purpose: audience for audience in Audience}


@spoken
@doors.public
@require_safe
def enter(request: TimedRequest, key: str, purpose: str) -> HttpResponse:
    link = doors.enter(request, purpose, key, throttle=throttle.allows_key)
    return redirect("door:survey_answer", link=link.pk)


@spoken
@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: TimedRequest, link: int) -> HttpResponse:
    found = doors.noted(request, link, AUDIENCES)
    audience, claim = AUDIENCES[found.purpose], claim_behind(request, found)
    if audience == Audience.PARTNER and claim.partner_survey_done_at and not wants_again(request):
        return render(request, "surveys/again.html", {"link": found})
    form = sheet(request, claim, audience)
    if form.is_valid():
        keep(request, claim, found, form)
        return redirect("door:survey_thanks", link=found.pk)
    return render(request, "surveys/answer.html", {"form": form}, status=422 if form.is_bound else 200)


def claim_behind(request: TimedRequest, link: Link) -> Claim:
    """The claim of a living link, or Closed when the table of allowed actions gives no answer any more."""
    doors.refuse_dead(link, now=request.now)
    audience = AUDIENCES[link.purpose]
    claim = Claim.objects.select_related("engagement", "location").get(pk=link.subject_id)
    if audience == Audience.CUSTOMER and claim.customer_survey_done_at:
        raise doors.Closed("used", link.purpose)
    if f"answer_{audience}_survey" not in claim.allowed(PARTY[audience], request.now):
        raise doors.Closed("closed", link.purpose)
    return claim


def keep(request: TimedRequest, claim: Claim, link: Link, form: SurveyForm) -> None:
    """Record the response; when the law says no meanwhile, close the door with the reason and record nothing."""
    try:
        record(claim, **form.kept(), now=request.now, link=link)
    except Refused as refusal:
        link.refresh_from_db()
        doors.refuse_dead(link, now=request.now, race=True)
        raise doors.Closed("closed", link.purpose) from refusal


@spoken
@doors.public
@require_safe
def thanks(request: TimedRequest, link: int) -> HttpResponse:
    found = doors.noted(request, link, AUDIENCES)
    if not Claim.objects.filter(pk=found.subject_id).exclude(**{f"{found.purpose}_done_at": None}).exists():
        return redirect("door:survey_answer", link=found.pk)
    return render(request, "surveys/thanks.html")
