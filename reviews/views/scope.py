"""How every page of a claim on the desk is reached: by a right of the role, then by the table of allowed actions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from claims.forms import CommentForm
from claims.lifecycle import NotAllowed, Refused
from claims.models import Claim
from claims.states import Party
from claims.views.scope import ANSWERS
from incentives.desk import desk_answer
from incentives.requests import PortalRequest
from mail import clock

from ..dossier import dossier
from ..forms import DecisionForm

View = Callable[..., HttpResponseBase]
RELATED = (
    "engagement__solution_area",
    "location",
    "partner",
    "customer__organization",
    "created_by",
    "consent_answer__link",
)
TEMPLATE = "admin/claims/claim/change_form.html"


def on_claim(right: str, action: str = "view") -> Callable[[View], View]:
    """Hand the view a claim, with `request.now`, when the role has the right and the table allows the action."""

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def door(request: PortalRequest, claim: int, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm("claims.view_claim") or not request.user.has_perm(right):
                raise PermissionDenied
            request.now = clock.now()
            found = get_object_or_404(Claim.objects.select_related(*RELATED), pk=claim)
            try:
                if action not in found.allowed(Party.VENDOR, request.now):
                    raise NotAllowed.because(found)
                return view(request, found, **kwargs)
            except Refused as refusal:
                return refuse(request, found, refusal)

        return door

    return decorate


def refuse(request: PortalRequest, claim: Claim, refusal: Refused) -> HttpResponse:
    """Show the claim as it is now, with the reason and what was typed, under a fitting status code."""
    messages.error(request, str(refusal))
    status = next(code for kind, code in ANSWERS.items() if isinstance(refusal, kind))
    claim.refresh_from_db()
    return page(request, claim, status=status, typed=request.POST.get("comment", ""))


def page(
    request: PortalRequest, claim: Claim, *, status: int = 200, typed: str = "", **extra: Any
) -> HttpResponse:
    """The whole review page; its decision form always carries the revision that is shown."""
    facts = dossier(claim, request.user, now=request.now)
    # Where no decision can be made any more, what was typed for it waits in the comment form instead of being lost.
    left_over = "" if facts["comment_asked"] else typed
    context = {
        **facts,
        "title": _("Claim %(number)s | %(name)s") % {"number": claim.pk, "name": claim.name},
        "decision_form": DecisionForm(initial={"comment": typed}),
        "revision": claim.revision,
        "comment_form": CommentForm(initial={"text": left_over}),
        "filters": request.GET.get("_changelist_filters", ""),
    }
    return desk_answer(request, TEMPLATE, context | extra, status=status)
