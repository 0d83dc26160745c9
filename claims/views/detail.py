from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incentives.requests import PortalRequest

from ..models import Claim
from .scope import on_claim, page


@require_safe
@on_claim("view")
def show(request: PortalRequest, claim: Claim) -> HttpResponse:
    return page(request, claim)


@require_safe
@on_claim("view")
def history(request: PortalRequest, claim: Claim) -> HttpResponse:
    return render(
        request, "claims/history.html", {"claim": claim, "events": claim.events.select_related("user")}
    )
