from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from claims.models import Claim
from claims.views.documents import handed_out
from incentives.requests import PortalRequest

from ..files import seen_by_reviewers
from .scope import on_claim


@require_safe
@on_claim("claims.view_claim", "download_files")
def show(request: PortalRequest, claim: Claim, document: int) -> FileResponse:
    found = get_object_or_404(seen_by_reviewers(claim), pk=document)
    try:
        return handed_out(found)
    except FileNotFoundError as lost:
        raise Http404 from lost
