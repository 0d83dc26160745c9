"""How every page of a claim is reached: found through the person, allowed by the table, refused with a sentence."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from incentives.requests import PortalRequest
from mail import clock

from ..case import case_file
from ..documents import TooLarge
from ..lifecycle import ChangedMeanwhile, ConsentUnavailable, DeadlinePassed, NotAllowed, Refused
from ..models import Claim
from ..states import Party

View = Callable[..., HttpResponseBase]
ANSWERS: dict[type[Refused], HTTPStatus] = {
    NotAllowed: HTTPStatus.FORBIDDEN,
    DeadlinePassed: HTTPStatus.CONFLICT,
    ChangedMeanwhile: HTTPStatus.CONFLICT,
    ConsentUnavailable: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
}
RELATED = (
    "engagement__solution_area",
    "location__partner",
    "customer__organization",
    "counts_as",
    "created_by",
)


def on_claim(action: str) -> Callable[[View], View]:
    """Hand the view a claim that this person may see and act on, with `request.now`; else 404, then 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def door(request: PortalRequest, claim: int, **kwargs: Any) -> HttpResponseBase:
            request.now = clock.now()
            found = get_object_or_404(
                Claim.objects.visible_to(request.user).select_related(*RELATED), pk=claim
            )
            if action not in found.allowed(Party.PARTNER, request.now):
                return refuse(request, found, NotAllowed.because(found))
            try:
                return view(request, found, **kwargs)
            except Refused as refusal:
                return refuse(request, found, refusal)

        return door

    return decorate


def refuse(request: PortalRequest, claim: Claim, refusal: Refused) -> HttpResponse:
    """Show the claim as it is now, with the reason, under a fitting status code.

    A panel that asked cannot hold the claim: it gets a page, of which the script shows the reason beside the work.
    """
    status = next(code for kind, code in ANSWERS.items() if isinstance(refusal, kind))
    claim.refresh_from_db()
    if request.htmx and request.htmx.target != "claim":
        return render(request, "claims/refused.html", {"claim": claim, "refusal": refusal}, status=status)
    messages.error(request, str(refusal))
    return page(request, claim, status=status)


def page(request: PortalRequest, claim: Claim, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The whole claim: as a page, or as the fragment that replaces it, from the same template."""
    template = "claims/_claim.html" if request.htmx and not request.htmx.boosted else "claims/detail.html"
    return render(request, template, case_file(claim, request.user, now=request.now) | extra, status=status)


def show_claim(request: PortalRequest, claim: Claim) -> HttpResponse:
    """After a change: the claim as it is now for htmx, a redirect for everybody else."""
    if not request.htmx:
        return redirect("claims:detail", claim=claim.pk)
    claim.refresh_from_db()
    return page(request, claim)
