from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims.models import Claim
from claims.views.scope import on_claim, show_claim
from incentives.requests import PortalRequest

from ..invitations import send
from ..models import Audience


@require_POST
@on_claim("send_surveys")
def create(request: PortalRequest, claim: Claim, audience: str) -> HttpResponse:
    if audience not in Audience:
        raise Http404
    send(claim, Audience(audience), by=request.user, now=request.now)
    address = getattr(claim, f"{audience}_contact_email")
    messages.success(request, _("Survey email successfully sent to %(address)s") % {"address": address})
    return show_claim(request, claim)
