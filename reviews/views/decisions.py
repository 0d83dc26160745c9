from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from claims.models import Claim
from incentives.requests import PortalRequest

from .. import decisions
from ..forms import OUT_OF_DATE, DecisionForm
from .scope import on_claim, page


@require_POST
@on_claim("claims.decide")
def create(request: PortalRequest, claim: Claim, action: str) -> HttpResponse:
    if action not in decisions.VERBS:
        raise Http404
    form = DecisionForm(request.POST, needs_comment=decisions.needs_comment(action))
    if not form.is_valid():
        return incomplete(request, claim, form)
    decisions.decide(claim, action, by=request.user, now=request.now, **form.cleaned_data)
    messages.success(request, decisions.done(claim, action))
    return redirect(way_on(request, claim))


def incomplete(request: PortalRequest, claim: Claim, form: DecisionForm) -> HttpResponse:
    """The page again with what was typed; a stale revision stays stale, so the next try still says so."""
    if "revision" in form.errors:
        messages.error(request, OUT_OF_DATE)
    revision = form.cleaned_data.get("revision", claim.revision)
    return page(request, claim, status=422, decision_form=form, revision=revision)


def way_on(request: PortalRequest, claim: Claim) -> str:
    """Back to the queue as it was filtered; a claim that was only taken up stays open, for now it is read."""
    filters = request.GET.get("_changelist_filters", "")
    if decisions.still_waits(claim):
        address = reverse("admin:claims_claim_change", args=[claim.pk])
        return f"{address}?{urlencode({'_changelist_filters': filters})}" if filters else address
    address, query = reverse("admin:claims_claim_changelist"), QueryDict(filters).urlencode()
    return f"{address}?{query}" if query else address
