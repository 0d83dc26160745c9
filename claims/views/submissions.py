from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives.requests import PortalRequest

from .. import lifecycle
from ..models import Claim
from .scope import on_claim, show_claim


@require_POST
@on_claim("view")
def create(request: PortalRequest, claim: Claim) -> HttpResponse:
    lifecycle.submit(claim, by=request.user, now=request.now)
    messages.success(request, _("Claim submitted. A reviewer will look at it next."))
    return show_claim(request, claim)
