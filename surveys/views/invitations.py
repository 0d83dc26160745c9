from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims.models import Claim, QueuedSend
from claims.views.scope import on_claim, show_claim
from incentives.requests import PortalRequest

from ..invitations import send, send_when_possible
from ..models import Audience


@require_POST
@on_claim("send_surveys")
def create(request: PortalRequest, claim: Claim, audience: str) -> HttpResponse:
    if audience not in Audience:
        raise Http404
    verb = send_when_possible if request.POST.get("later") == "1" else send
    done = verb(claim, Audience(audience), by=request.user, now=request.now)
    address = getattr(claim, f"{audience}_contact_email")
    if isinstance(done, QueuedSend):
        text = _("Survey email queued for %(at)s") % {"at": f"{done.send_at:%Y-%m-%d %H:%M:%S} UTC"}
    else:
        text = _("Survey email successfully sent to %(address)s") % {"address": address}
    messages.success(request, text)
    return show_claim(request, claim)
