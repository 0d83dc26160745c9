"""A location's bank and tax details: for its Incentive Admins alone; its other people learn who these are (ROLE-5)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from mail import clock

from ..models import AuditEntry, Location, PayeeProfile
from ..models.payee import Part
from ..pages import page_of
from ..payee.details import ACTION, ChangedMeanwhile, keep
from ..payee.forms import BankForm, PayeeForm, TaxForm
from ..requests import PortalRequest
from ..roles import acts_for_partner, incentive_admins, may_administer
from .scope import revision

FORMS: dict[str, type[PayeeForm]] = {Part.BANK: BankForm, Part.TAX: TaxForm}
CHANGES_SHOWN = 10


@dataclass(frozen=True)
class Half:
    """What the page shows of one half: what is stored of it, and the form that stores something else."""

    form: PayeeForm
    revision: int | None
    facts: list[tuple[str, str]]
    complete: bool


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: PortalRequest, location: int) -> HttpResponse:
    if not acts_for_partner(request.user):
        raise Http404
    request.now = clock.now()
    # In this order, so that whoever loses the role meanwhile is told 404, as everybody without one (R12).
    administers = may_administer(request.user, location)
    found = get_object_or_404(Location.objects.visible_to(request.user), pk=location)
    if not administers:
        context = {"location": found, "admins": incentive_admins([found]).get(found.pk, [])}
        return render(request, "incentives/payee/who_can.html", context, status=403)
    return save(request, found) if request.method == "POST" else page(request, found)


def save(request: PortalRequest, location: Location) -> HttpResponse:
    wanted = FORMS.get(request.POST.get("part", ""))
    if wanted is None:
        raise Http404
    form = wanted(request.POST, location=location, now=request.now)
    if not form.is_valid():
        return page(request, location, form, status=422)
    try:
        shown = revision(request)
        changed = keep(location, form.details(), revision=shown, by=request.user, now=request.now)
    except ChangedMeanwhile as refusal:
        messages.error(request, str(refusal))
        return page(request, location, status=409)
    saved = _("%(part)s saved. Every other Incentive Admin of this location is told by e-mail.")
    same = _("%(part)s: nothing to change, exactly these are stored already.")
    messages.success(request, (saved if changed else same) % {"part": form.part.label})
    return redirect("incentives:payee", location.pk)


def page(
    request: PortalRequest, location: Location, refused: PayeeForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Both halves with their changes so far; only a form that was just refused shows what was typed into it."""
    profile = PayeeProfile.objects.filter(location=location).first()
    forms = {part: form(location=location, now=request.now, profile=profile) for part, form in FORMS.items()}
    halves = {part: half(form, profile, request) for part, form in forms.items()}
    if refused:
        stored = halves[refused.part]
        halves[refused.part] = Half(refused, revision(request), stored.facts, stored.complete)
    changes = AuditEntry.objects.filter(location=location, action__in=ACTION.values()).select_related("by")
    context = {
        "location": location,
        "halves": halves.values(),
        "complete": all(half.complete for half in halves.values()),
        "changes": page_of(changes.order_by("-at", "-pk"), request.GET.get("page"), size=CHANGES_SHOWN),
    }
    return render(request, "incentives/payee/page.html", context, status=status)


def half(form: PayeeForm, profile: PayeeProfile | None, request: PortalRequest) -> Half:
    if profile is None:
        return Half(form, 0, [], complete=False)
    return Half(
        form,
        getattr(profile, f"{form.part}_revision"),
        [*profile.facts(form.part)],
        complete=profile.holds(form.part, request.now),
    )
