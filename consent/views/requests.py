from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from claims import queued_sends
from claims.models import Claim
from claims.views.scope import on_claim
from incentives.requests import PortalRequest
from incentives.wizard import Step
from mail.models import SendCap

from ..requests import KIND, TooSoon, comes_back, contacts_of, too_soon
from ..wizard import CONTACTS, DEAL, REVIEW, SENT, ConsentRequest


@require_safe
@on_claim("request_consent")
def start(request: PortalRequest, claim: Claim) -> HttpResponse:
    return go(claim, ConsentRequest(claim, request.user, now=request.now).start())


@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("request_consent")
def step(request: PortalRequest, claim: Claim, step: str) -> HttpResponse:
    wizard = ConsentRequest(claim, request.user, now=request.now)
    here = wizard.stepper.step(step)
    if here is None:
        return gone(wizard, step)
    earlier = wizard.stepper.first_open(before=here)
    if request.method != "POST":
        return go(claim, earlier) if earlier else show(request, wizard, here)
    if earlier:
        trouble = _("Look at this step again: it is no longer right.")
        return show(request, wizard, earlier, trouble=trouble, status=422)
    return complete(request, wizard) if here is REVIEW else advance(request, wizard, here)


def go(claim: Claim, step: Step) -> HttpResponse:
    return redirect("consent:request", claim=claim.pk, step=step.slug)


def gone(wizard: ConsentRequest, step: str) -> HttpResponse:
    """The deal size is no step any more once a colleague has sent the request; other steps there never were."""
    if step != DEAL.slug:
        raise Http404
    return go(wizard.claim, wizard.start())


def advance(request: PortalRequest, wizard: ConsentRequest, here: Step) -> HttpResponse:
    """Keep what was typed; go on when it is right, back when asked to."""
    wizard.save(here, request.POST)
    if back := wizard.back(here, request.POST):
        return go(wizard.claim, back)
    form = wizard.stepper.form(here, request.POST)
    if not form.is_valid():
        return show(request, wizard, here, form=form, status=422)
    return go(wizard.claim, wizard.stepper.next(here))


def complete(request: PortalRequest, wizard: ConsentRequest) -> HttpResponse:
    """Send the request, or queue it; the cap of one mail in 24 hours makes a double click harmless."""
    if back := wizard.back(REVIEW, request.POST):
        return go(wizard.claim, back)
    form = wizard.promise(request.POST)
    if not form.is_valid():
        return show(request, wizard, REVIEW, form=form, status=422)
    try:
        wizard.finish(later=request.POST.get("later") == "1")
    except TooSoon as refusal:
        return show(request, wizard, REVIEW, form=form, trouble=str(refusal), status=422)
    return redirect("consent:sent", claim=wizard.claim.pk)


@require_safe
@on_claim("view")
def sent(request: PortalRequest, claim: Claim) -> HttpResponse:
    if claim.consent_requested_at is None:
        raise Http404
    queued = queued_sends.waiting(claim, now=request.now).get(KIND)
    again = queued or claim.events.filter(action="request_consent")[1:].exists()
    steps = [(step, True) for step in (CONTACTS, *([] if again else [DEAL]), REVIEW, SENT)]
    return answer(request, {"claim": claim, "steps": steps, "queued": queued})


def show(
    request: PortalRequest,
    wizard: ConsentRequest,
    here: Step,
    *,
    form: Any = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    stepper = wizard.stepper
    context = {
        "claim": wizard.claim,
        "here": here,
        "steps": [
            (step, step in stepper.steps[: stepper.steps.index(here)]) for step in (*stepper.steps, SENT)
        ],
        "previous": stepper.previous(here),
        "form": form or (wizard.promise() if here is REVIEW else stepper.form(here)),
        "trouble": trouble,
    }
    return answer(request, context | (facts(wizard) if here is REVIEW else {}), status)


def facts(wizard: ConsentRequest) -> dict[str, Any]:
    """What the review shows: everything typed, when the mail can leave, and whether one is queued for then."""
    claim, now = wizard.claim, wizard.now
    at = SendCap.next_possible(KIND, claim.pk, now=now)
    return {
        "contacts": wizard.held(CONTACTS),
        "deal_size_usd": wizard.deal_size_usd,
        "first": wizard.is_first,
        "too_soon": too_soon(claim, now=now),
        "send_at": at,
        "too_late": queued_sends.too_late(claim, at) if at else "",
        "queued": queued_sends.waiting(claim, now=now).get(KIND),
        "changed": wizard.typed != contacts_of(claim),
        "comes_back": comes_back(claim, wizard.typed.customer_contact_email),
    }


def answer(request: PortalRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The step alone for the wizard, the panel for the page it opens on, a page of its own for everybody else."""
    part = "_wizard" if request.htmx.target == "wizard" else "_panel"
    return render(request, f"consent/{part if request.htmx else 'request'}.html", context, status=status)
