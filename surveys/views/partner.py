from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from claims.models import Claim
from claims.views.scope import on_claim
from incentives.requests import PortalRequest

from ..models import Audience
from ..responses import record
from .sheets import sheet, wants_again


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_claim("answer_partner_survey")
def answer(request: PortalRequest, claim: Claim) -> HttpResponse:
    """Go to survey: answered in the portal, again and again until the claim is submitted (SUR-3)."""
    if not claim.partner_survey_required:
        raise Http404
    if claim.partner_survey_done_at and not wants_again(request):
        return render(request, "surveys/partner_again.html", {"claim": claim})
    form = sheet(request, claim, Audience.PARTNER)
    if form.is_valid():
        record(claim, **form.kept(), now=request.now, by=request.user)
        messages.success(request, _("Thank you, the partner survey is complete."))
        return redirect("claims:detail", claim=claim.pk)
    return render(
        request, "surveys/partner.html", {"claim": claim, "form": form}, status=422 if form.is_bound else 200
    )
