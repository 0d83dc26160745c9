from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from engagements.models import Engagement, SolutionArea
from incentives.models import Draft, Location, User
from incentives.requests import SignedInRequest
from incentives.wizard import Step
from mail import clock

from ..creation import HoursMissing, NotClaimable
from ..customers import consented_customers
from ..forms import StartForm
from ..models import Claim
from ..wizard import CONTACTS, PURPOSE, REVIEW, STEPS, AddCustomer, Origin, begin, start


@require_POST
def create(request: SignedInRequest) -> HttpResponse:
    """Open the wizard: from an area's list of claims, an engagement, a customer of it, or a claim that has ended."""
    form = StartForm(request.POST)
    refuse_without_location(request)
    if not form.is_valid():
        raise Http404
    now = clock.now()
    draft, resumed = start(request.user, origin(request.user, form.cleaned_data, now=now), now=now)
    return enter(request, draft, now=now, resumed=resumed)


def origin(user: User, asked: dict[str, Any], *, now: datetime) -> Origin:
    """What the person asked for, each part found through the person; raises Http404."""
    if asked["claim"]:
        ended = get_object_or_404(
            Claim.objects.visible_to(user).select_related("engagement"), pk=asked["claim"]
        )
        if not ended.is_closed(now):
            raise Http404
        engagement = engagement_of(user, ended.engagement.code)
        return Origin(engagement.solution_area_id, engagement.code, ended.customer_id, ended.pk)
    if asked["engagement"]:
        engagement = engagement_of(user, asked["engagement"])
        if not asked["customer"]:
            return Origin(engagement.solution_area_id, engagement.code)
        customer = get_object_or_404(consented_customers(user), pk=asked["customer"])
        return Origin(engagement.solution_area_id, engagement.code, customer.pk)
    return Origin(get_object_or_404(SolutionArea, code=asked["area"]).code)


def engagement_of(user: User, code: str) -> Engagement:
    return get_object_or_404(Engagement.objects.for_partners().visible_to(user), code=code)


def enter(request: SignedInRequest, draft: Draft, *, now: datetime, resumed: bool) -> HttpResponse:
    """Lead to the first step that is not right yet, with a word about it where an earlier run goes on."""
    wizard = AddCustomer(draft, request.user, now=now)
    here = wizard.stepper.first_open() or REVIEW
    address = reverse("claims:add_step", args=[draft.pk, here.slug])
    return redirect(f"{address}?resumed=1" if resumed and draft.answers else address)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, draft: Any, step: str) -> HttpResponse:
    now = clock.now()
    found = get_object_or_404(Draft.objects.of(request.user, PURPOSE, now), pk=draft)
    refuse_without_location(request)
    if found.finished_at:
        return done(request, found)
    if "anew" in request.POST:
        return enter(request, begin(request.user, Origin(**found.about), now=now), now=now, resumed=False)
    wizard = AddCustomer(found, request.user, now=now)
    here = wizard.stepper.step(step)
    if here is None:
        raise Http404
    if earlier := wizard.stepper.first_open(before=here):
        return redirect("claims:add_step", draft=found.pk, step=earlier.slug)
    if request.method != "POST":
        return show(request, wizard, here)
    return complete(request, wizard) if here is REVIEW else advance(request, wizard, here)


def refuse_without_location(request: SignedInRequest) -> None:
    """Raise Http404 for people without an incentive role, also for those who had one as they began (A06)."""
    if not Location.objects.visible_to(request.user).exists():
        raise Http404


def advance(request: SignedInRequest, wizard: AddCustomer, here: Step) -> HttpResponse:
    """Keep what was typed; go on when it is right, back when asked to."""
    wizard.stepper.save(here, request.POST, now=wizard.now)
    if "previous" in request.POST and (back := wizard.stepper.previous(here)):
        return redirect("claims:add_step", draft=wizard.draft.pk, step=back.slug)
    form = wizard.stepper.form(here, request.POST)
    if not form.is_valid():
        return show(request, wizard, here, form=form, status=422)
    return redirect("claims:add_step", draft=wizard.draft.pk, step=wizard.stepper.next(here).slug)


def complete(request: SignedInRequest, wizard: AddCustomer) -> HttpResponse:
    """Create the claims once, however often the button is pressed (R06)."""
    if "previous" in request.POST:
        return redirect("claims:add_step", draft=wizard.draft.pk, step=CONTACTS.slug)
    try:
        with transaction.atomic():
            draft = Draft.objects.select_for_update().get(pk=wizard.draft.pk)
            if not draft.finished_at:
                draft.result = [claim.pk for claim in wizard.finish()]
                draft.finished_at = wizard.now
                draft.save(update_fields=["finished_at", "result"])
    except (NotClaimable, HoursMissing) as refusal:
        messages.error(request, _("Nothing was created. %(reasons)s") % {"reasons": refusal})
        return show(request, wizard, STEPS[1], status=409)
    return done(request, draft)


def show(
    request: SignedInRequest, wizard: AddCustomer, here: Step, *, form: Any = None, status: int = 200
) -> HttpResponse:
    stepper = wizard.stepper
    context = {
        "draft": wizard.draft,
        "here": here,
        "steps": [(step, stepper.steps.index(step) < stepper.steps.index(here)) for step in stepper.steps],
        "previous": stepper.previous(here),
        "form": form or (stepper.form(here) if here.form else None),
        "offers": wizard.offers() if here is STEPS[1] else [],
        "answers": {step.slug: stepper.cleaned(step) for step in STEPS[:3]} if here is REVIEW else {},
        "proposed_payout": wizard.proposed_payout() if here is REVIEW else None,
        "opened_from": wizard.opened_from,
        "resumed": "resumed" in request.GET and request.method != "POST",
        "close_to": close_to(wizard.draft),
    }
    return answer(request, context, status)


def done(request: SignedInRequest, draft: Draft) -> HttpResponse:
    claims = (
        Claim.objects.visible_to(request.user)
        .filter(pk__in=draft.result or [])
        .select_related("engagement")
        .order_by("pk")
    )
    steps = [(step, True) for step in STEPS]
    return answer(
        request, {"draft": draft, "claims": claims, "steps": steps, "close_to": close_to(draft)}, 200
    )


def close_to(draft: Draft) -> str:
    """Where the wizard was opened, so that Close and Done lead back there."""
    if code := draft.about["engagement"]:
        return reverse("engagements:customers", args=[code])
    return f"{reverse('claims:list')}?area={draft.about['area']}"


def answer(request: SignedInRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """The panel alone for htmx, the panel on a page of its own for everybody else."""
    template = "claims/add/_panel.html" if request.htmx else "claims/add/page.html"
    return render(request, template, context, status=status)
