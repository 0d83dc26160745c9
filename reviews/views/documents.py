from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from claims.models import Claim
from incentives.requests import PortalRequest
from incentives.views.downloads import handed_out

from ..files import seen_by_reviewers
from .scope import on_claim


@require_safe
@on_claim("claims.view_claim", "download_files")
def show(request: PortalRequest, claim: Claim, document: int) -> FileResponse:
    return handed_out(get_object_or_404(seen_by_reviewers(claim), pk=document))
