import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagements.models import SolutionArea
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.downloads import csv_file, handed_out, workbook_file
from incentives.views.scope import partner_page, partner_record

from .. import export_jobs, exports
from ..depth import count
from ..export_jobs import ExportRefused, TooLate
from ..exports import AT_ONCE, Sheet
from ..list_form import ClaimListForm
from ..models import Export
from .lists import asked_list


class FormatForm(forms.Form):
    """The format of a file, and the key by which a form that is sent twice is known."""

    format = forms.ChoiceField(choices=Export.Format.choices, required=False)
    form_key = forms.UUIDField(required=False)

    def clean_format(self) -> str:
        return self.cleaned_data["format"] or Export.Format.CSV


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponseBase:
    """The list as a file: at once, or the question whether to make it in the background (CLM-2)."""
    typed = FormatForm(request.GET)
    area, form = as_asked(request, request.GET)
    if not typed.is_valid() or not form.is_valid():
        return unknown(request)
    file_format = typed.cleaned_data["format"]
    if count(form, at_most=AT_ONCE + 1) > AT_ONCE:
        context = {
            "format": file_format,
            "format_name": Export.Format(file_format).label,
            "query": form.kept_query(area),
            "at_once": AT_ONCE,
            "key": uuid.uuid4(),
        }
        return render(request, "claims/export_question.html", context)
    name, sheet = exports.file_name(file_format, request.now), Sheet(form)
    if file_format == Export.Format.CSV:
        return csv_file(name, sheet.csv())
    return workbook_file(name, lambda path: sheet.write(path, file_format, sheet.blocks(file_format)))


def as_asked(request: PortalRequest, given: QueryDict) -> tuple[SolutionArea | None, ClaimListForm]:
    _view, area, form = asked_list(request, given, list(SolutionArea.objects.all()))
    return area, form


def unknown(request: PortalRequest) -> HttpResponse:
    messages.error(
        request, _("This address asks for something that the list does not know. Nothing was exported.")
    )
    return render(request, "422.html", status=422)


@require_safe
@partner_page
def index(request: PortalRequest) -> HttpResponse:
    """One's own exports, how far they are, and their files."""
    page = page_of(Export.objects.filter(user=request.user), request.GET.get("page"))
    under_way = any(export.is_under_way for export in page)
    context: dict[str, Any] = {"page": page, "under_way": under_way, "query": "", "now": request.now}
    return render(request, "claims/_exports.html" if request.htmx else "claims/exports.html", context)


@require_POST
@partner_page
def create(request: PortalRequest) -> HttpResponse:
    """Ask for a file that is made in the background."""
    typed = FormatForm(request.POST)
    area, form = as_asked(request, QueryDict(request.POST.get("query", "")[:8000]))
    if not typed.is_valid() or not form.is_valid():
        return unknown(request)
    key = typed.cleaned_data["form_key"] or uuid.uuid4()
    try:
        export_jobs.ask(
            request.user, typed.cleaned_data["format"], form.kept_query(area), form_key=key, now=request.now
        )
    except ExportRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("claims:exports")


@require_safe
@partner_record
def fetch(request: PortalRequest, export: int) -> HttpResponseBase:
    """The file of an export, for the person who asked for it and still holds every role in it."""
    found = get_object_or_404(Export.objects.filter(user=request.user), pk=export)
    if not found.is_ready or (found.expires_at and found.expires_at <= request.now):
        raise Http404(_("There is no such file, or its time is over. Export the list again."))
    return handed_out(export_jobs.fetched(found))


@require_POST
@partner_record
def cancel(request: PortalRequest, export: int) -> HttpResponse:
    found = get_object_or_404(Export.objects.filter(user=request.user), pk=export)
    try:
        export_jobs.cancel(found, now=request.now)
        messages.success(request, _("The export was cancelled."))
    except TooLate:
        messages.info(request, _("This export can no longer be cancelled."))
    return redirect("claims:exports")
