import uuid
from functools import partial
from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from incentives.cells import csv_lines
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.tables.forms import TableForm
from incentives.tables.names import TooLarge
from incentives.tables.refusals import TableRefused
from incentives.views.downloads import csv_file, workbook_file
from incentives.views.scope import partner_page, partner_record
from incentives.workbooks import write_workbook_of

from ..models import ClaimSheet, Export, SheetRow
from ..sheets import columns, counts, files, jobs, reading
from .exports import FormatForm, unknown


@require_safe
@partner_page
def index(request: PortalRequest) -> HttpResponse:
    """Where a sheet is uploaded, and the person's earlier ones."""
    return overview(request, TableForm())


def overview(request: PortalRequest, form: TableForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "page": page_of(ClaimSheet.objects.of(request.user), request.GET.get("page")),
        "query": "",
        "columns": columns.COLUMNS,
        "rows_at_most": reading.ROWS_AT_MOST,
        "days": jobs.KEPT_FOR.days,
    }
    return render(request, "claims/sheets.html", context, status=status)


@require_POST
@partner_record
def create(request: PortalRequest) -> HttpResponse:
    """Take a sheet; its rows are checked in the background."""
    form = TableForm(request.POST, request.FILES)
    if not form.is_valid():
        return overview(request, form, status=422)
    key = form.cleaned_data["form_key"] or uuid.uuid4()
    try:
        sheet = jobs.receive(request.user, form.cleaned_data["file"], form_key=key, now=request.now)
    except TableRefused as refusal:
        form.add_error("file", str(refusal))
        return overview(request, form, status=413 if isinstance(refusal, TooLarge) else 422)
    # A browser that shows how far the upload is asks by script, and has to be sent on by a header.
    go_on = HttpResponseClientRedirect if request.htmx else redirect
    return go_on(reverse("claims:sheet", args=[sheet.pk]))


@require_safe
@partner_page
def template(request: PortalRequest) -> HttpResponseBase:
    """An empty sheet: as a workbook with all that may be written into it, or as CSV."""
    typed = FormatForm(request.GET)
    if not typed.is_valid():
        return unknown(request)
    name = f"claims-template.{typed.cleaned_data['format']}"
    if typed.cleaned_data["format"] == Export.Format.CSV:
        return csv_file(name, csv_lines([files.headings()]))
    return workbook_file(
        name, partial(write_workbook_of, sheets=files.template(request.user, now=request.now))
    )


@require_safe
@partner_record
def show(request: PortalRequest, sheet: int) -> HttpResponse:
    """How far a sheet is and what is said of its rows; asked again by the page itself while the sheet is at work."""
    found = sheet_of(request, sheet)
    only = request.GET.get("only", "")
    told = counts.of(found)
    rows = counts.narrowed(found, only)
    page = page_of(rows.select_related("claim"), request.GET.get("page"))
    context: dict[str, Any] = {
        "sheet": found,
        "page": page,
        "only": only,
        "query": f"only={only}" if only else "",
        "counts": told,
        "ready": told.by[SheetRow.State.READY],
    }
    return render(request, "claims/_sheet.html" if request.htmx else "claims/sheet.html", context)


@require_safe
@partner_record
def report(request: PortalRequest, sheet: int) -> HttpResponseBase:
    found, typed = sheet_of(request, sheet), FormatForm(request.GET)
    if not typed.is_valid():
        return unknown(request)
    name = f"claims-report-{found.pk}.{typed.cleaned_data['format']}"
    heads, rows = files.report(found)
    if typed.cleaned_data["format"] == Export.Format.CSV:
        return csv_file(name, csv_lines(chain([heads], rows)))
    return workbook_file(name, partial(write_workbook_of, sheets={reading.SHEET: (heads, list(rows))}))


@require_POST
@partner_record
def confirm(request: PortalRequest, sheet: int) -> HttpResponse:
    """Create the claims of all ready rows."""
    found = sheet_of(request, sheet)
    try:
        jobs.confirm(found, now=request.now)
    except jobs.TooLate as refusal:
        messages.info(request, str(refusal))
    return redirect("claims:sheet", sheet=found.pk)


@require_POST
@partner_record
def cancel(request: PortalRequest, sheet: int) -> HttpResponse:
    found = sheet_of(request, sheet)
    try:
        jobs.cancel(found, now=request.now)
        messages.success(request, _("The sheet was cancelled."))
    except jobs.TooLate as refusal:
        messages.info(request, str(refusal))
    return redirect("claims:sheet", sheet=found.pk)


@require_POST
@partner_record
def remove(request: PortalRequest, sheet: int) -> HttpResponse:
    found = sheet_of(request, sheet)
    try:
        jobs.remove(found)
    except jobs.TooLate as refusal:
        messages.info(request, str(refusal))
        return redirect("claims:sheet", sheet=found.pk)
    messages.success(request, _("The sheet was removed. Claims that were created from it stay."))
    return redirect("claims:sheets")


def sheet_of(request: PortalRequest, pk: int) -> ClaimSheet:
    return get_object_or_404(ClaimSheet.objects.of(request.user), pk=pk)
