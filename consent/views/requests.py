from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from claims.models import Claim
from claims.views.scope import on_claim
from incentives.wizard import Step

from ..requests import TooSoon, too_soon
from ..wizard import CONTACTS, DEAL, REVIEW, SENT, ConsentRequest


@require_safe
@on_claim("request_consent")
def start(request: HttpRequest, claim: Claim) -> HttpResponse:
    wizard = ConsentRequest(claim, request.user, now=request.now)
    return redirect("consent:request", claim=claim.pk, step=wizard.start().slug)


@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("request_consent")
def step(request: HttpRequest, claim: Claim, step: str) -> HttpResponse:
    wizard = ConsentRequest(claim, request.user, now=request.now)
    here = wizard.stepper.step(step)
    if here is None and step != DEAL.slug:
        raise Http404
    earlier = wizard.stepper.first_open(before=here) if here else wizard.start()
    if earlier and request.method != "POST":
        return redirect("consent:request", claim=claim.pk, step=earlier.slug)
    if earlier:
        return show(request, wizard, earlier, trouble=_("Look at this step again: it is no longer right."), status=422)
    if request.method != "POST":
        return show(request, wizard, here)
    return complete(request, wizard) if here is REVIEW else advance(request, wizard, here)


def advance(request: HttpRequest, wizard: ConsentRequest, here: Step) -> HttpResponse:
    """Keep what was typed; go on when it is right, back when asked to."""
    wizard.save(here, request.POST)
    if back := "previous" in request.POST and wizard.stepper.previous(here):
        return redirect("consent:request", claim=wizard.claim.pk, step=back.slug)
    form = wizard.stepper.form(here, request.POST)
    if not form.is_valid():
        return show(request, wizard, here, form=form, status=422)
    return redirect("consent:request", claim=wizard.claim.pk, step=wizard.stepper.next(here).slug)


def complete(request: HttpRequest, wizard: ConsentRequest) -> HttpResponse:
    """Send the request; the cap of one mail in 24 hours makes a double click harmless."""
    if "previous" in request.POST:
        return redirect("consent:request", claim=wizard.claim.pk, step=wizard.stepper.previous(REVIEW).slug)
    form = wizard.promise(request.POST)
    if not form.is_valid():
        return show(request, wizard, REVIEW, form=form, status=422)
    try:
        wizard.finish()
    except TooSoon as refusal:
        return show(request, wizard, REVIEW, form=form, trouble=str(refusal), status=422)
    return redirect("consent:sent", claim=wizard.claim.pk)


@require_safe
@on_claim("view")
def sent(request: HttpRequest, claim: Claim) -> HttpResponse:
    if claim.consent_requested_at is None:
        raise Http404
    steps = [(step, True) for step in (CONTACTS, DEAL, REVIEW, SENT)]
    return answer(request, {"claim": claim, "steps": steps})


def show(
    request: HttpRequest, wizard: ConsentRequest, here: Step, *, form: Any = None, trouble: str = "", status: int = 200
) -> HttpResponse:
    stepper = wizard.stepper
    review = here is REVIEW
    context = {
        "claim": wizard.claim,
        "here": here,
        "steps": [(step, step in stepper.steps[: stepper.steps.index(here)]) for step in (*stepper.steps, SENT)],
        "previous": stepper.previous(here),
        "form": form or (wizard.promise() if review else stepper.form(here)),
        "contacts": stepper.cleaned(CONTACTS) if review else None,
        "deal": (stepper.cleaned(DEAL) if wizard.is_first else {"deal_size_usd": wizard.claim.deal_size_usd}) if review else None,
        "first": wizard.is_first,
        "too_soon": too_soon(wizard.claim, now=wizard.now) if review else "",
        "trouble": trouble,
    }
    return answer(request, context, status)


def answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The step alone for the wizard itself, the panel for the page it opens on, a page of its own for everybody else."""
    part = "_wizard" if request.htmx.target == "wizard" else "_panel"
    response = render(request, f"consent/{part if request.htmx else 'request'}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
