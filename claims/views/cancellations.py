from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incentives.requests import PortalRequest

from .. import lifecycle
from ..models import Claim
from .scope import on_claim, show_claim


@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("view")
def edit(request: PortalRequest, claim: Claim) -> HttpResponse:
    """Ask for confirmation, then cancel: it cannot be undone (ACT-2)."""
    if request.method != "POST":
        return render(request, "claims/cancellation.html", {"claim": claim})
    lifecycle.cancel(claim, by=request.user, now=request.now)
    messages.success(request, _("Claim cancelled."))
    return show_claim(request, claim)
