"""Enrolments at the desk: who stands where and why; the programme owner ends an enrolment and renews it (ROLE-4)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..desk import Choice, DeskPage, Figure, Group, desk_answer
from ..enrolment import EnrolmentRefused, discontinue, in_words, reinstate, requirements_of
from ..enrolment_list import ENROLLING, TONES
from ..forms import Sentence
from ..models import AuditEntry, Enrolment, ProgrammeTerms
from ..models.enrolment import REASON_LENGTH
from ..pages import page_of
from ..requests import PortalRequest
from ..templatetags.portal import instant
from ..views.scope import desk_page

READ, DISCONTINUE = "incentives.view_enrolment", "incentives.discontinue_enrolment"
FORM = ("GET", "HEAD", "POST")
_Status = Enrolment.Status


class DiscontinuationForm(forms.Form):
    """Why an enrolment ends, in words that its people read."""

    reason = Sentence(
        label=_l("Reason"),
        max_length=REASON_LENGTH,
        help_text=_l("People of the location read it on their enrollment page, and it stays in the audit."),
        error_messages={"required": _l("Write why, for the people of the location.")},
    )


class StatusFilter(Choice):
    title = _l("Status")
    parameter_name = "status"
    options = _Status.choices


class TermsFilter(Choice):
    title = _l("Terms accepted")
    parameter_name = "terms"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(str(pk), version) for pk, version in ProgrammeTerms.objects.values_list("pk", "version")]


@admin.register(Enrolment)
class EnrolmentPage(DeskPage):
    """Every location with where it stands; the programme owner discontinues and reinstates on the page of one."""

    name = _l("Enrollments")
    group = Group.PARTNERS
    list_display = ("location", "country", "state", "lacks", "accepted", "enrolled", "validated")
    list_select_related = ("location", "terms")
    list_filter = (StatusFilter, TermsFilter)
    ordering = ("location__name", "location__partner_number")
    search_fields = (
        "location__name",
        "location__city",
        "location__partner__name",
        "=location__partner_number",
    )
    search_help_text = _l("PartnerID, name, city or company")

    def get_urls(self) -> list[URLPattern]:
        """The list, a page to read, and the owner's two deeds."""
        view, name = self.admin_site.admin_view, "incentives_enrolment"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<int:object_id>/change/", view(show), name=f"{name}_change"),
            path("<int:object_id>/discontinuation/", view(end), name=f"{name}_discontinuation"),
            path("<int:object_id>/reinstatement/", view(renew), name=f"{name}_reinstatement"),
        ]

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        on_the_way = Q(status__in=[_Status.INVITED, *ENROLLING])
        found = Enrolment.objects.aggregate(
            enrolled=Count("pk", filter=Q(status=_Status.ENROLLED)), way=Count("pk", filter=on_the_way)
        )
        address = f"{self.address}?status={_Status.ENROLLED}"
        note = _("%(n)s more invited or enrolling") % {"n": found["way"]}
        yield Figure(_("Enrolled locations"), str(found["enrolled"]), address, note)

    @admin.display(description=_l("Country/Region"), ordering="location__country")
    def country(self, enrolment: Enrolment) -> str:
        return enrolment.location.country.name

    @admin.display(description=_l("Status"), ordering="status")
    def state(self, enrolment: Enrolment) -> str:
        return enrolment.get_status_display()

    @admin.display(description=_l("Missing"))
    def lacks(self, enrolment: Enrolment) -> str:
        return "; ".join(in_words(enrolment.missing)) or "–"

    @admin.display(description=_l("Terms accepted"), ordering="terms__version")
    def accepted(self, enrolment: Enrolment) -> str:
        return enrolment.terms.version if enrolment.terms else "–"

    @admin.display(description=_l("Enrolled"), ordering="enrolled_at")
    def enrolled(self, enrolment: Enrolment) -> str:
        return instant(enrolment.enrolled_at)

    @admin.display(description=_l("Validation changed"), ordering="judged_at")
    def validated(self, enrolment: Enrolment) -> str:
        return instant(enrolment.judged_at)


@require_safe
@desk_page(READ)
def show(request: PortalRequest, object_id: int) -> HttpResponse:
    return page(request, find(object_id))


@require_http_methods(FORM)
@desk_page(DISCONTINUE)
def end(request: PortalRequest, object_id: int) -> HttpResponse:
    """The question what it means, with the reason to be given; then the deed."""
    enrolment = find(object_id)
    form = DiscontinuationForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return question(request, enrolment, form)
    try:
        reason = form.cleaned_data["reason"]
        discontinue(enrolment.location, by=request.user, reason=reason, now=request.now)
    except EnrolmentRefused as refusal:
        return refused(request, object_id, refusal)
    messages.success(
        request, _("The enrollment of %(location)s is discontinued.") % {"location": enrolment.location}
    )
    return redirect("admin:incentives_enrolment_change", object_id)


@require_POST
@desk_page(DISCONTINUE)
def renew(request: PortalRequest, object_id: int) -> HttpResponse:
    enrolment = find(object_id)
    try:
        reinstate(enrolment.location, by=request.user, now=request.now)
    except EnrolmentRefused as refusal:
        return refused(request, object_id, refusal)
    words = _("%(location)s is reinstated and is being validated.") % {"location": enrolment.location}
    messages.success(request, words)
    return redirect("admin:incentives_enrolment_change", object_id)


def find(pk: int) -> Enrolment:
    rows = Enrolment.objects.select_related("location__partner", "location__payee", "terms", "accepted_by")
    return get_object_or_404(rows, pk=pk)


def refused(request: PortalRequest, pk: int, refusal: EnrolmentRefused) -> HttpResponse:
    """The enrolment as it stands now, with why nothing was changed."""
    messages.error(request, str(refusal))
    return page(request, find(pk), status=409)


def page(request: PortalRequest, enrolment: Enrolment, *, status: int = 200) -> HttpResponse:
    changes = AuditEntry.objects.filter(location=enrolment.location, action=AuditEntry.Action.ENROLMENT)
    shown = page_of(changes.select_related("by").order_by("-at", "-pk"), request.GET.get("page"))
    context = {
        "requirements": requirements_of(enrolment.location, now=request.now),
        "tone": TONES.get(_Status(enrolment.status), "neutral"),
        "page": shown,
        "may_change": request.user.has_perm(DISCONTINUE),
    }
    return answer(request, "enrolment", enrolment, context, status=status)


def question(request: PortalRequest, enrolment: Enrolment, form: DiscontinuationForm) -> HttpResponse:
    if enrolment.status == _Status.DISCONTINUED and not form.is_bound:
        return redirect("admin:incentives_enrolment_change", enrolment.pk)
    context = {"form": form, "title": _("Discontinue enrollment")}
    return answer(request, "discontinuation", enrolment, context, status=422 if form.is_bound else 200)


def answer(
    request: PortalRequest, template: str, enrolment: Enrolment, context: dict[str, Any], *, status: int
) -> HttpResponse:
    facts = {"enrolment": enrolment, "location": enrolment.location, "title": str(enrolment.location)}
    return desk_answer(request, f"incentives/desk/{template}.html", facts | context, status=status)
