"""The demo mailbox: every mail as its recipient sees it, with working links. Its address exists in demo mode only."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .delivery import render as render_letter
from .models import Message


@require_safe
@login_not_required
def inbox(request: HttpRequest) -> HttpResponse:
    messages = Message.objects.order_by("-created_at", "-pk")
    if to := request.GET.get("to", ""):
        messages = messages.filter(to__iexact=to)
    page = Paginator(messages, 25).get_page(request.GET.get("page"))
    return render(request, "mail/inbox.html", {"page": page, "to": to})


@require_safe
@login_not_required
def read(request: HttpRequest, pk: int) -> HttpResponse:
    message = get_object_or_404(Message.objects.select_related("link"), pk=pk)
    context = {"message": message, "letter": render_letter(message), "sender": settings.DEFAULT_FROM_EMAIL}
    return render(request, "mail/read.html", context)
