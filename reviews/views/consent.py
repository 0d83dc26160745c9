from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from claims.models import Claim
from consent.evidence import evidence
from consent.models import ConsentAnswer
from incentives.requests import PortalRequest
from incentives.views.downloads import PRIVATE

from .scope import on_claim


@require_safe
@on_claim("claims.read_decline_reason")
def show(request: PortalRequest, claim: Claim) -> HttpResponse:
    """The customer's answer as a file, for those who may read why it was a No."""
    named = ("link", "claim__engagement", "claim__location", "claim__customer__organization")
    answers = ConsentAnswer.objects.select_related(*named)
    given = get_object_or_404(answers, claim=claim)
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="consent-{claim.pk}.json"'}
    return JsonResponse(
        evidence(given), json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=headers
    )
