"""The whole catalogue as a file at the desk: downloaded; or uploaded, checked, and then loaded or not (ENG-8)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from incentives.models import Draft
from incentives.requests import SignedInRequest
from mail import clock

from .. import catalogue, changes
from ..changes import Change, Deed
from ..effects import rehearse
from ..export import catalogue_lines
from ..recordfile import FileRefused
from .page import FORM, CataloguePage

PURPOSE = "import_catalogue"
LARGEST = 5 * 1024 * 1024
MOST_PROBLEMS = 200


class CatalogueFileForm(forms.Form):
    file = forms.FileField(
        label=_l("Catalogue file"),
        max_length=255,
        help_text=_l("JSON Lines in UTF-8, at most 5 MB, as Download writes it. It is checked first."),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 5 MB. Load the catalogue in parts."))
        return file


@never_cache
@require_safe
def download(request: SignedInRequest, page: CataloguePage) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    body = "".join(f"{line}\n" for line in catalogue_lines())
    name = f"catalogue-{clock.now():%Y-%m-%d}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/jsonl; charset=utf-8", headers=headers)


@never_cache
@require_http_methods(FORM)
def upload(request: SignedInRequest, page: CataloguePage) -> HttpResponse:
    """Check a file: what is wrong with it, or what it would change."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return form_page(request, page, CatalogueFileForm())
    form = CatalogueFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return form_page(request, page, form, status=422)
    text = form.cleaned_data["file"].read()
    try:
        change = catalogue.wanted(text)
        return report(request, page, change, keep(request, text))
    except FileRefused as refusal:
        problems = {"problems": refusal.problems[:MOST_PROBLEMS], "number": len(refusal.problems)}
        return form_page(request, page, CatalogueFileForm(), status=422, **problems)


def keep(request: SignedInRequest, text: bytes) -> Draft:
    """The checked file waits for the last button, with the state of the catalogue that it was checked against."""
    now = clock.now()
    about = {"catalogue": catalogue.fingerprint()}
    return Draft.objects.create(
        user=request.user,
        purpose=PURPOSE,
        about=about,
        answers={"file": text.decode()},
        created_at=now,
        updated_at=now,
    )


@never_cache
@require_http_methods(["POST"])
@transaction.atomic
def load(request: SignedInRequest, page: CataloguePage, draft: Any) -> HttpResponse:
    """Load a file that was checked, if the catalogue is still the one it was checked against; once."""
    if not page.has_change_permission(request):
        raise PermissionDenied
    changes.alone()
    now = clock.now()
    drafts = Draft.objects.of(request.user, PURPOSE, now).select_for_update()
    found = get_object_or_404(drafts, pk=draft)
    if found.finished_at is None:
        text = found.answers["file"].encode()
        if found.about["catalogue"] != catalogue.fingerprint():
            found.about = {"catalogue": catalogue.fingerprint()}
            found.save(update_fields=["about"])
            words = _(
                "The catalogue was changed meanwhile, so nothing was loaded. Look at what would change now."
            )
            messages.error(request, words)
            return checked_again(request, page, text, found)
        changes.apply(catalogue.wanted(text), by=request.user, deed=Deed.UPLOAD, now=now)
        found.finished_at, found.answers = now, {}
        found.save(update_fields=["finished_at", "answers"])
    messages.success(request, _("The catalogue file is loaded."))
    return redirect(page.address)


def checked_again(request: SignedInRequest, page: CataloguePage, text: bytes, draft: Draft) -> HttpResponse:
    try:
        return report(request, page, catalogue.wanted(text), draft, status=409)
    except FileRefused as refusal:
        problems = {"problems": refusal.problems[:MOST_PROBLEMS], "number": len(refusal.problems)}
        return form_page(request, page, CatalogueFileForm(), status=409, **problems)


def report(
    request: SignedInRequest, page: CataloguePage, change: Change, draft: Draft, status: int = 200
) -> HttpResponse:
    """What loading the file would add and change, and what that would touch."""
    rehearsal = rehearse(
        change, by=request.user, told=lambda touched: page.told(touched, set()), now=clock.now()
    )
    context = {
        "title": _("What would this file change?"),
        "outcomes": rehearsal.outcomes,
        "effects": rehearsal.effects,
        "different": any(outcome.added or outcome.changed for outcome in rehearsal.outcomes.values()),
        "draft": draft,
    }
    return page.render(request, "file_report", context, status)


def form_page(
    request: SignedInRequest,
    page: CataloguePage,
    form: CatalogueFileForm,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"title": _("Load a catalogue file"), "form": form}
    return page.render(request, "file", context | more, status)
