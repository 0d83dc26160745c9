"""Eligibility at the desk: what locations have attained, kept by the programme owner, and the runs of the daily job."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incentives.desk import Choice, DeskPage, Figure, Group, desk_answer
from incentives.models import Location
from incentives.requests import SignedInRequest
from incentives.templatetags.portal import instant
from mail import clock

from .attainments import keep
from .models import Attainment, Designation, Evaluation

LATE = timedelta(hours=26)
FORM = ("GET", "HEAD", "POST")


class AttainmentForm(forms.ModelForm):
    """A designation of a location, named by its PartnerID; both stay what they are once they are recorded."""

    location = forms.ModelChoiceField(
        label=_l("PartnerID"),
        queryset=Location.objects.all(),
        to_field_name="partner_number",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 10}),
        error_messages={"invalid_choice": _l("No location has this PartnerID. Check the number.")},
    )

    class Meta:
        model = Attainment
        fields = ("location", "designation", "held_from", "expires_on")
        widgets = {
            "held_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "expires_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        help_texts = {
            "expires_on": _l("The first day on which it is no longer held. Empty: until further notice.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("location", "designation"):
            self.fields[name].disabled = self.instance.pk is not None
        if self.instance.pk:
            self.initial["location"] = self.instance.location.partner_number

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        since, until = given.get("held_from"), given.get("expires_on")
        if since and until and until < since:
            self.add_error("expires_on", _("This day is before the first one. Choose a later day."))
        place, designation = given.get("location"), given.get("designation")
        others = Attainment.objects.exclude(pk=self.instance.pk)
        if place and designation and others.filter(location=place, designation=designation).exists():
            self.add_error("designation", _("The location has this one already. Change that entry instead."))
        return given


class DesignationFilter(Choice):
    title = _l("Designation")
    parameter_name = "designation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(designation.code, str(designation)) for designation in Designation.objects.all()]


class HeldFilter(Choice):
    title = _l("Held today")
    parameter_name = "held"
    options = (("yes", _l("Held")), ("no", _l("Not held")))

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        held = Attainment.objects.held_on(clock.now().date()).values("pk")
        return queryset.filter(pk__in=held) if value == "yes" else queryset.exclude(pk__in=held)


class AttainmentPage(DeskPage):
    """Which location holds which designation, from when until when; the programme owner records and ends them."""

    name = _l("Attainments")
    group = Group.PARTNERS
    list_display = ("holder", "designation", "held_from", "expires_on", "state")
    list_select_related = ("location", "designation")
    list_filter = (DesignationFilter, HeldFilter)
    search_fields = ("location__partner_number__exact", "location__name")
    search_help_text = _l("PartnerID or name of the location")
    ordering = ("location__partner_number", "designation__name", "pk")
    change_list_template = "engagements/desk_attainments.html"

    def get_urls(self) -> list[URLPattern]:
        """Only these doors: an attainment ends, it is never deleted."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="engagements_attainment_changelist"),
            path("add/", view(self.form_page), name="engagements_attainment_add"),
            path("<int:object_id>/change/", view(self.form_page), name="engagements_attainment_change"),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("engagements.change_attainment")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return ["holder"] if self.has_change_permission(request) else None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"may_add": self.has_change_permission(request)})

    def form_page(self, request: SignedInRequest, object_id: int | None = None) -> HttpResponse:
        return form_page(request, self, object_id)

    @admin.display(description=_l("PartnerID"), ordering="location__partner_number")
    def holder(self, attainment: Attainment) -> str:
        return str(attainment.location)

    @admin.display(description=_l("Today"))
    def state(self, attainment: Attainment) -> str:
        return str(_("Held") if attainment.is_held_on(clock.now().date()) else _("Not held"))


@never_cache
@require_http_methods(FORM)
def form_page(request: SignedInRequest, page: AttainmentPage, object_id: int | None) -> HttpResponse:
    """A new attainment, or another period for a known one."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    known = (
        get_object_or_404(Attainment.objects.select_related("location"), pk=object_id) if object_id else None
    )
    form = AttainmentForm(request.POST if request.method == "POST" else None, instance=known)
    if form.is_valid():
        keep(form.save(commit=False), by=request.user, now=clock.now())
        messages.success(
            request,
            _("%(attainment)s is saved, and the location is evaluated.") % {"attainment": form.instance},
        )
        return redirect(page.address)
    title = _("Change attainment") if known else _("Add attainment")
    context = {"title": title, "form": form, "list": page}
    status = 422 if form.is_bound else 200
    return desk_answer(request, "engagements/desk_attainment.html", context, status=status)


class EvaluationPage(DeskPage):
    """The runs of the daily evaluation: whether they came to their end, and how many verdicts they changed."""

    name = _l("Eligibility updates")
    group = Group.PARTNERS
    list_display = ("at", "lasted", "judged", "changed")
    list_display_links = None

    def get_urls(self) -> list[URLPattern]:
        name = "engagements_evaluation_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        last = Evaluation.last()
        late = last is None or clock.now() - last.as_of > LATE
        note = (
            ngettext("%(n)s verdict changed", "%(n)s verdicts changed", last.changed) % {"n": last.changed}
            if last
            else _("never yet")
        )
        value = f"{last.as_of:%H:%M} UTC" if last else "–"
        yield Figure(_("Eligibility evaluated"), value, self.address, note, "warn" if late else "")

    @admin.display(description=_l("As of"), ordering="as_of")
    def at(self, run: Evaluation) -> str:
        return instant(run.as_of)

    @admin.display(description=_l("Lasted"))
    def lasted(self, run: Evaluation) -> str:
        if run.finished_at is None:
            return _("Did not come to its end; the next run does its work again")
        return _("%(seconds)s s") % {"seconds": f"{(run.finished_at - run.started_at).total_seconds():.1f}"}
