from django.http import FileResponse
from django.shortcuts import get_object_or_404

from incentives.requests import PortalRequest
from incentives.views.downloads import handed_out

from ..materials import downloads
from ..models import Engagement, MaterialVersion
from .scope import engagement_page


@engagement_page
def show(request: PortalRequest, engagement: Engagement, version: int) -> FileResponse:
    offered = [v.pk for download in downloads(engagement, now=request.now) for v in download.versions]
    return handed_out(get_object_or_404(MaterialVersion.objects.filter(pk__in=offered), pk=version))
