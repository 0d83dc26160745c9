from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incentives.requests import PortalRequest

from .. import conversation
from ..forms import CommentForm
from ..models import Claim
from ..states import Party
from .scope import on_claim, page, show_claim


@require_POST
@on_claim("comment")
def create(request: PortalRequest, claim: Claim) -> HttpResponse:
    form = CommentForm(request.POST)
    if not form.is_valid():
        return page(request, claim, status=422, comment_form=form)
    conversation.comment(
        claim,
        form.cleaned_data["text"],
        party=Party.PARTNER,
        by=request.user,
        now=request.now,
        form_key=form.cleaned_data["form_key"],
    )
    messages.success(request, _("Comment saved."))
    return show_claim(request, claim)
