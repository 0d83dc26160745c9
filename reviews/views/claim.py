from django.http import HttpResponse
from django.views.decorators.http import require_safe

from claims.models import Claim
from incentives.requests import PortalRequest

from .scope import on_claim, page


@require_safe
@on_claim("claims.view_claim")
def show(request: PortalRequest, claim: Claim) -> HttpResponse:
    return page(request, claim)
