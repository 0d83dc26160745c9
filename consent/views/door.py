from ipaddress import ip_address

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from claims.lifecycle import ConsentUnavailable, DeadlinePassed, Refused
from claims.models import Claim
from claims.states import Party
from incentives import throttle
from mail import doors
from mail.clock import TimedRequest
from mail.languages import spoken
from mail.models import Link
from mail.redaction import quotable

from ..answers import record
from ..forms import AnswerForm
from ..models import ConsentAnswer


@spoken
@doors.public
@require_safe
def enter(request: TimedRequest, key: str) -> HttpResponse:
    link = doors.enter(request, Link.Purpose.CONSENT, key, throttle=throttle.allows_key)
    return redirect("door:consent_answer", link=link.pk)


@spoken
@doors.public
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: TimedRequest, link: int) -> HttpResponse:
    found = doors.noted(request, link, {Link.Purpose.CONSENT})
    doors.refuse_dead(found, now=request.now)
    claim = Claim.objects.select_related("engagement", "location", "counts_as").get(pk=found.subject_id)
    if "answer_consent" not in claim.allowed(Party.CUSTOMER, request.now):
        raise doors.Closed("closed", found.purpose)
    typed = request.POST if request.method == "POST" else None
    form = AnswerForm(typed, partner=claim.location.name, engagement=claim.engagement.name)
    if form.is_valid():
        keep(request, claim, found, form)
        return redirect("door:consent_thanks", link=found.pk)
    return render(
        request, "consent/answer.html", {"form": form, "claim": claim}, status=422 if form.is_bound else 200
    )


def keep(request: TimedRequest, claim: Claim, link: Link, form: AnswerForm) -> None:
    """Record the answer; when the law says no meanwhile, close the door with the reason and record nothing."""
    browser = quotable(request.headers.get("User-Agent", ""))[:300]
    answered = {"text_shown": form.text_shown, **form.cleaned_data}
    try:
        record(claim, link, now=request.now, place=place(request), browser=browser, **answered)
    except Refused as refusal:
        link.refresh_from_db()
        doors.refuse_dead(link, now=request.now, race=True)
        if isinstance(refusal, ConsentUnavailable):
            raise doors.Closed("taken", link.purpose, status=409) from refusal
        raise doors.Closed(
            "expired" if isinstance(refusal, DeadlinePassed) else "closed", link.purpose
        ) from refusal


def place(request: TimedRequest) -> str | None:
    """The IP address that the answer comes from, where the proxy names one."""
    try:
        return str(ip_address(throttle.place_of(request)))
    except ValueError:
        return None


@spoken
@doors.public
@require_safe
def thanks(request: TimedRequest, link: int) -> HttpResponse:
    found = doors.noted(request, link, {Link.Purpose.CONSENT})
    given = ConsentAnswer.objects.filter(link=found).first()
    if given is None:
        return redirect("door:consent_answer", link=found.pk)
    return render(request, "consent/thanks.html", {"given": given})


@spoken
@doors.public
@require_safe
def process(request: TimedRequest) -> HttpResponse:
    """How consent is asked for, for whoever was written to: no key opens it, and it knows nothing of any claim."""
    return render(request, "consent/process.html", {"sender": settings.DEFAULT_FROM_EMAIL})
