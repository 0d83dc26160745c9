"""The mail queue at the desk: what waits, left or failed and why; it is stopped and tried again there (BEY-7, ROLE-6).

No letter is shown, nor what it was written from: both can tell what a customer was asked, and a letter holds the link.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mail.models import Message, Outage, Stop
from mail.models.stops import REASON_LENGTH

from .. import postmaster
from ..desk import Choice, DeskPage, Figure, Group, desk_answer
from ..forms import Sentence
from ..pages import BoundedPaginator
from ..requests import PortalRequest
from ..templatetags.portal import counted_to, instant
from ..views.scope import desk_page

READ, STEER, SEE_CLAIMS = "mail.view_message", "mail.steer_delivery", "claims.view_claim"
FORM = ("GET", "HEAD", "POST")
ANSWER_SHOWN = 80
MOST_COUNTED = BoundedPaginator.at_most
_State = Message.State


class StopForm(forms.Form):
    """Why no mail may leave, in words for whoever looks after the queue next."""

    reason = Sentence(
        label=_l("Reason"),
        max_length=REASON_LENGTH,
        help_text=_l("Everybody who sees the list reads it, and it stays in the audit."),
        error_messages={"required": _l("Write why, for whoever looks after the mail next.")},
    )


class StateFilter(Choice):
    title = _l("State")
    parameter_name = "state"
    options = _State.choices


class KindFilter(Choice):
    title = _l("Kind")
    parameter_name = "kind"
    options = Message.Kind.choices


@admin.register(Message)
class MailPage(DeskPage):
    """Every mail, the newest first; it can have millions, so it is ordered and searched by what has an index only."""

    name = _l("Mail")
    group = Group.OPERATION
    list_filter = (StateFilter, KindFilter)
    ordering = ("-created_at", "-pk")
    sortable_by = ()
    search_fields = ("to",)
    search_help_text = _l("Beginning of an e-mail address, or Claim ID")
    change_list_template = "incentives/desk/mail_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The list, a page of one mail, and the three deeds."""
        view, name = self.admin_site.admin_view, "mail_message"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("stop/", view(stop), name=f"{name}_stop"),
            path("resumption/", view(resume), name=f"{name}_resumption"),
            path("<int:object_id>/change/", view(show), name=f"{name}_change"),
            path("<int:object_id>/retry/", view(retry), name=f"{name}_retry"),
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The subject can name a customer, so it is for those who see claims, as is the way to the claim."""
        of_claims = ["subject", "claim_page"] if request.user.has_perm(SEE_CLAIMS) else ["claim_number"]
        return ["time", "what", "recipient", *of_claims, "standing", "tries", "next_try", "said"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("context")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term.strip()
        if words.isascii() and words.isdigit() and len(words) < 18:
            return queryset.filter(about=int(words)), False
        return (queryset.to_address(words) if words else queryset), False  # type: ignore[attr-defined]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            "stop": Stop.in_force(),
            "outage": Outage.in_force(),
            "may_steer": request.user.has_perm(STEER),
        }
        return super().changelist_view(request, extra | (extra_context or {}))

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        failed = Message.objects.filter(state=_State.FAILED)[: MOST_COUNTED + 1].count()
        address = f"{self.address}?state={_State.FAILED}"
        note = _("refused, or came back") if failed else _("every mail left or waits")
        number = counted_to(failed, MOST_COUNTED)
        yield Figure(_("Failed mails"), number, address, note, "warn" if failed else "")
        if stopped := Stop.in_force():
            since = _("since %(at)s") % {"at": instant(stopped.at)}
            yield Figure(_("Mail delivery"), _("Stopped"), self.address, since, "warn")
        elif outage := Outage.in_force():
            since = _("since %(at)s") % {"at": instant(outage.since)}
            yield Figure(_("Mail server"), _("Out of reach"), self.address, since, "warn")

    @admin.display(description=_l("Written"))
    def time(self, message: Message) -> str:
        return instant(message.created_at)

    @admin.display(description=_l("Kind"))
    def what(self, message: Message) -> str:
        return message.get_kind_display()

    @admin.display(description=_l("To"))
    def recipient(self, message: Message) -> str:
        return message.to

    @admin.display(description=_l("Claim ID"))
    def claim_page(self, message: Message) -> str:
        if message.about is None:
            return "–"
        return format_html('<a href="{}">{}</a>', page_of_claim(message.about), message.about)

    @admin.display(description=_l("Claim ID"))
    def claim_number(self, message: Message) -> str:
        return str(message.about or "–")

    @admin.display(description=_l("State"))
    def standing(self, message: Message) -> str:
        facts = {"code": message.tone, "label": message.standing.label}
        return render_to_string("parts/_status.html", facts)

    @admin.display(description=_l("Attempts"))
    def tries(self, message: Message) -> int:
        return message.attempts

    @admin.display(description=_l("Next try"))
    def next_try(self, message: Message) -> str:
        return instant(message.next_attempt_at) if message.state == _State.QUEUED else "–"

    @admin.display(description=_l("The server's answer"))
    def said(self, message: Message) -> str:
        return Truncator(message.answer).chars(ANSWER_SHOWN) or "–"


def page_of_claim(number: int) -> str:
    return reverse("admin:claims_claim_change", args=[number])


@require_safe
@desk_page(READ)
def show(request: PortalRequest, object_id: int) -> HttpResponse:
    return page(request, find(object_id))


@require_POST
@desk_page(STEER)
def retry(request: PortalRequest, object_id: int) -> HttpResponse:
    message = find(object_id)
    if not postmaster.try_again(message, by=request.user, now=request.now):
        messages.error(request, _("This mail cannot be tried again as it stands now. Nothing was changed."))
        return page(request, find(object_id), status=409)
    messages.success(request, _("The mail is back in the queue and leaves as soon as delivery allows."))
    return redirect("admin:mail_message_change", object_id)


@require_http_methods(FORM)
@desk_page(STEER)
def stop(request: PortalRequest) -> HttpResponse:
    """The question what it means, with the reason to be given; then the deed."""
    form = StopForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if not postmaster.stop(by=request.user, reason=reason, now=request.now):
            return refused(request, _("Delivery is stopped already. Nothing was changed."))
        messages.success(request, _("Delivery is stopped. What is posted now waits."))
        return redirect("admin:mail_message_changelist")
    if not form.is_bound and Stop.in_force():
        return redirect("admin:mail_message_changelist")
    facts = {"form": form, "title": _("Stop delivery")}
    return answer(request, "mail_stop", facts, status=422 if form.is_bound else 200)


@require_POST
@desk_page(STEER)
def resume(request: PortalRequest) -> HttpResponse:
    if not postmaster.go_on(by=request.user, now=request.now):
        return refused(request, _("Delivery is not stopped. Nothing was changed."))
    messages.success(request, _("Delivery goes on. What waited leaves now."))
    return redirect("admin:mail_message_changelist")


def find(pk: int) -> Message:
    return get_object_or_404(Message.objects.select_related("link").defer("context"), pk=pk)


def refused(request: PortalRequest, why: str) -> HttpResponse:
    """The list as it stands now, with why nothing was changed."""
    messages.error(request, why)
    shown = admin.site.get_model_admin(Message).changelist_view(request)
    shown.status_code = 409
    return shown


def page(request: PortalRequest, message: Message, *, status: int = 200) -> HttpResponse:
    failed = message.state == _State.FAILED
    closed = bool(message.link and message.link.cause_of_death(request.now))
    sees_claims = request.user.has_perm(SEE_CLAIMS)
    context = {
        "message": message,
        "title": _("Mail %(id)s") % {"id": message.pk},
        "sees_claims": sees_claims,
        "claim": page_of_claim(message.about) if message.about and sees_claims else "",
        "may_retry": failed and not closed and request.user.has_perm(STEER),
        "link_closed": failed and closed,
        "stop": Stop.in_force(),
        "outage": Outage.in_force(),
    }
    return answer(request, "mail", context, status=status)


def answer(
    request: PortalRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return desk_answer(request, f"incentives/desk/{template}.html", context, status=status)
