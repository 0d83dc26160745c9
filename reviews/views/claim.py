from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from claims.models import Claim

from .scope import on_claim, page


@require_safe
@on_claim("claims.view_claim")
def show(request: HttpRequest, claim: Claim) -> HttpResponse:
    return page(request, claim)
