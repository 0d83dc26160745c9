from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives.requests import PortalRequest

from .. import queued_sends
from ..models import Claim, QueuedSend
from .scope import on_claim, show_claim


@require_POST
@on_claim("view")
def remove(request: PortalRequest, claim: Claim, kind: str) -> HttpResponse:
    if kind not in QueuedSend.Kind:
        raise Http404
    queued_sends.take_back(claim, kind, by=request.user, now=request.now)
    text = _("%(email)s taken back: it will not be sent") % {"email": QueuedSend.Kind(kind).label}
    messages.success(request, text)
    return show_claim(request, claim)
