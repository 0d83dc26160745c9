"""The desk's pages of an engagement's eligible customers: the list, its uploads, and what is downloaded."""

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from incentives.cells import csv_lines
from incentives.desk import desk_answer
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.tables.names import TooLarge
from incentives.tables.refusals import TableRefused
from incentives.views.downloads import csv_file
from mail import clock

from ..models import Engagement, IdKind, ListUpload
from . import uploads
from .forms import ListUploadForm, SearchForm
from .reading import REPORTED_AT_MOST, ROWS_AT_MOST
from .rows import COLUMNS
from .uploads import TooLate

View = Callable[..., HttpResponseBase]
SEE, UPLOAD = "engagements.view_engagement", "engagements.upload_customers"
SHOWN_AT_MOST = 100
# Rows of an example for each type of ID, which the template and the upload page show.
EXAMPLES = {
    IdKind.DOMAIN: "contoso.com",
    IdKind.TENANT: "72f988bf-86f1-41af-91ab-2d7cd011db47",
    IdKind.TPID: "8789005",
    IdKind.OPPORTUNITY: "OPP-12345678",
    IdKind.SUBSCRIPTION: "8d65815f-a5b6-402f-9298-045155da7d74",
}


def on_engagement(right: str) -> Callable[[View], View]:
    """Hand the view an engagement whose customers can be listed, with `request.now`, when the role has the right."""

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def door(request: PortalRequest, engagement_id: int, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perms([SEE, right]):
                raise PermissionDenied
            request.now = clock.now()
            found = get_object_or_404(Engagement.objects.for_partners(), pk=engagement_id)
            return view(request, found, **kwargs)

        return door

    return decorate


def page(
    request: PortalRequest, template: str, engagement: Engagement, *, status: int = 200, **facts: Any
) -> HttpResponse:
    context = {
        "engagement": engagement,
        "may_upload": request.user.has_perm(UPLOAD),
        **facts,
    }
    return desk_answer(request, f"admin/engagements/customers/{template}.html", context, status=status)


@require_safe
@on_engagement(SEE)
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    asked = "kind" in request.GET or "value" in request.GET
    search = SearchForm(request.GET if asked else None, engagement=engagement)
    is_valid = search.is_valid()
    return page(
        request,
        "list",
        engagement,
        status=422 if asked and not is_valid else 200,
        title=_("Eligible customers"),
        count=engagement.listed_customers.count(),
        search=search,
        found=is_valid and engagement.listed_customers.filter(**search.cleaned_data).exists(),
        page=page_of(engagement.list_uploads.select_related("uploaded_by"), request.GET.get("page")),
    )


@require_safe
@on_engagement(SEE)
def download(request: PortalRequest, engagement: Engagement) -> HttpResponseBase:
    """The list as it could be uploaded again, a piece at a time."""
    labels = {kind.value: str(kind.label) for kind in IdKind}
    listed = engagement.listed_customers.order_by("kind", "value").values_list("kind", "value")
    rows = ((labels[kind], value) for kind, value in listed.iterator(chunk_size=5000))
    return as_csv(f"{engagement.code}-customers.csv", COLUMNS, rows)


@require_safe
@on_engagement(SEE)
def template(request: PortalRequest, engagement: Engagement) -> HttpResponseBase:
    return as_csv("customers-template.csv", COLUMNS, examples(engagement))


@require_http_methods(["GET", "HEAD", "POST"])
@on_engagement(UPLOAD)
def upload(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    form, status = ListUploadForm(), 200
    if request.method == "POST":
        form, status = ListUploadForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                received = uploads.receive(engagement, by=request.user, now=request.now, **typed(form))
                # A browser that shows how far the upload is asks by script, and has to be sent on by a header.
                go_on = HttpResponseClientRedirect if request.htmx else redirect
                return go_on(address(received))
            except TableRefused as refusal:
                form.add_error("file", str(refusal))
                status = 413 if isinstance(refusal, TooLarge) else 422
    facts = {"columns": COLUMNS, "examples": examples(engagement), "rows_at_most": ROWS_AT_MOST}
    return page(request, "upload", engagement, status=status, title=_("Upload list"), form=form, **facts)


def typed(form: ListUploadForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("file", "mode", "form_key")}


def examples(engagement: Engagement) -> list[tuple[str, str]]:
    return [(str(IdKind(kind).label), EXAMPLES[IdKind(kind)]) for kind in engagement.id_types]


def address(upload: ListUpload) -> str:
    return reverse("admin:engagements_engagement_customers_progress", args=[upload.engagement_id, upload.pk])


@require_safe
@on_engagement(SEE)
def progress(request: PortalRequest, engagement: Engagement, upload: int) -> HttpResponse:
    """How far an upload is; asked again by the page itself until the upload is finished."""
    found = get_object_or_404(
        engagement.list_uploads.select_related("uploaded_by", "cancelled_by"), pk=upload
    )
    shown = found.bad_rows.all()[:SHOWN_AT_MOST] if found.state == ListUpload.State.REFUSED else ()
    response = page(
        request,
        "_progress" if request.htmx else "progress",
        engagement,
        title=found.name,
        upload=found,
        bad_rows=shown,
        reported_at_most=REPORTED_AT_MOST,
    )
    return response


@require_safe
@on_engagement(SEE)
def bad_rows(request: PortalRequest, engagement: Engagement, upload: int) -> HttpResponseBase:
    found = get_object_or_404(engagement.list_uploads, pk=upload)
    rows = found.bad_rows.values_list("line", "found", "advice").iterator(chunk_size=2000)
    return as_csv("bad-rows.csv", (_("Row"), _("Found"), _("What to write instead")), rows)


@require_POST
@on_engagement(UPLOAD)
def cancel(request: PortalRequest, engagement: Engagement, upload: int) -> HttpResponse:
    found = get_object_or_404(engagement.list_uploads, pk=upload)
    try:
        uploads.cancel(found, by=request.user, now=request.now)
        messages.success(request, _("The upload was cancelled. The list is as it was."))
    except TooLate:
        messages.info(request, _("This upload can no longer be cancelled."))
    return redirect(address(found))


def as_csv(name: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> HttpResponseBase:
    return csv_file(name, csv_lines(chain([columns], rows)))
