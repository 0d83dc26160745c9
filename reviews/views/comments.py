from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from claims import conversation
from claims.forms import CommentForm
from claims.models import Claim
from claims.states import Party
from incentives.requests import PortalRequest

from .scope import on_claim, page


@require_POST
@on_claim("claims.comment", "comment")
def create(request: PortalRequest, claim: Claim) -> HttpResponse:
    form = CommentForm(request.POST)
    if not form.is_valid():
        return page(request, claim, status=422, comment_form=form)
    conversation.comment(claim, **form.cleaned_data, party=Party.VENDOR, by=request.user, now=request.now)
    messages.success(request, _("Comment saved. The partner can read it."))
    return redirect("admin:claims_claim_change", claim.pk)
