from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incentives.requests import PortalRequest

from .. import deadlines, lifecycle
from ..models import Claim
from .scope import on_claim, show_claim


@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("view")
def edit(request: PortalRequest, claim: Claim) -> HttpResponse:
    """Name the exact resubmission deadline, then reopen the rejected claim (ACT-2)."""
    if request.method != "POST":
        return render(
            request,
            "claims/dispute.html",
            {"claim": claim, "deadline": deadlines.dispute_deadline(claim), "now": request.now},
        )
    lifecycle.dispute(claim, by=request.user, now=request.now)
    messages.success(request, _("Dispute opened. Update the documents, then submit the claim."))
    return show_claim(request, claim)
