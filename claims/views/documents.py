from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from incentives.requests import PortalRequest
from incentives.views.downloads import handed_out

from .. import documents
from ..forms import RemovalForm, UploadForm
from ..models import Claim
from .scope import on_claim, page, show_claim


@require_POST
@on_claim("change_files")
def create(request: PortalRequest, claim: Claim, slot: int) -> HttpResponse:
    into = get_object_or_404(claim.slots, pk=slot)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose at least one file to upload."))
        return page(request, claim, status=422)
    files = form.cleaned_data["files"]
    documents.add(
        claim, into, files, by=request.user, now=request.now, form_key=form.cleaned_data["form_key"]
    )
    messages.success(
        request, ngettext("File uploaded.", "%(n)s files uploaded.", len(files)) % {"n": len(files)}
    )
    return show_claim(request, claim)


@require_POST
@on_claim("change_files")
def remove(request: PortalRequest, claim: Claim) -> HttpResponse:
    form = RemovalForm(request.POST, documents=claim.documents.current())
    if not form.is_valid():
        messages.error(request, _("Select the files to remove first."))
        return page(request, claim, status=422)
    documents.remove(claim, form.cleaned_data["documents"], by=request.user, now=request.now)
    messages.success(request, _("Removed."))
    return show_claim(request, claim)


@require_safe
@on_claim("download_files")
def show(request: PortalRequest, claim: Claim, document: int) -> FileResponse:
    return handed_out(get_object_or_404(claim.documents.current(), pk=document))
