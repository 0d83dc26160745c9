from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from claims.models import Claim
from claims.poe_templates import downloadable
from incentives.requests import PortalRequest
from incentives.views.downloads import handed_out

from .scope import on_claim


@require_safe
@on_claim("claims.view_claim")
def show(request: PortalRequest, claim: Claim, version: int) -> FileResponse:
    return handed_out(get_object_or_404(downloadable(claim, now=request.now), pk=version))
