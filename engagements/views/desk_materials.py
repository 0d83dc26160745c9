"""Templates and delivery material at the desk: read by all staff who work with them, published by the owner."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from incentives.desk import desk_answer
from incentives.requests import PortalRequest
from incentives.uploads import TooLarge, UploadRefused
from incentives.views.downloads import handed_out
from incentives.views.scope import desk_page

from ..forms import DeliveryMaterialForm, VersionForm
from ..materials import PublicationRefused, begin, download_of, places, publish, shelf
from ..models import Engagement, Material, MaterialVersion

READ, PUBLISH = "engagements.view_material", "engagements.publish_material"


@require_safe
@desk_page(READ)
def of_engagement(request: PortalRequest, engagement: str) -> HttpResponse:
    found = get_object_or_404(Engagement, code=engagement)
    return page(request, "shelf", found.name, engagement=found, shelf=shelf(found, now=request.now))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page(PUBLISH)
def add(request: PortalRequest, engagement: str) -> HttpResponse:
    """The first version: of the template of a slot, if the address names one, or of delivery material."""
    found, slot = get_object_or_404(Engagement, code=engagement), request.GET.get("slot", "")
    place = next((place for place in places(found) if place.code == slot), None)
    if slot and place is None:
        raise Http404
    form = filled(request, VersionForm if slot else DeliveryMaterialForm)
    title = place.name if place else _("Delivery material")

    def publish_first() -> MaterialVersion:
        named = {"slot": slot} if slot else {"title": form.cleaned_data["title"]}
        return begin(found, form.publication(), **named, by=request.user, now=request.now)

    if request.method == "POST" and (version := published(form, publish_first)):
        return done(request, version)
    return page(request, "add", title, status=status_of(form), engagement=found, slot=slot, form=form)


@require_safe
@desk_page(READ)
def show(request: PortalRequest, material: int) -> HttpResponse:
    return versions(request, material_by(material), filled(request, VersionForm))


@require_POST
@desk_page(PUBLISH)
def create(request: PortalRequest, material: int) -> HttpResponse:
    """The next version of a material."""
    found, form = material_by(material), filled(request, VersionForm)
    version = published(form, lambda: publish(found, form.publication(), by=request.user, now=request.now))
    return done(request, version) if version else versions(request, found, form)


@require_safe
@desk_page(READ)
def download(request: PortalRequest, version: int) -> FileResponse:
    return handed_out(get_object_or_404(MaterialVersion, pk=version))


def material_by(pk: int) -> Material:
    rows = Material.objects.select_related("engagement").prefetch_related("versions__uploaded_by")
    return get_object_or_404(rows, pk=pk)


def filled(request: PortalRequest, kind: type[VersionForm]) -> VersionForm:
    if request.method == "POST":
        return kind(request.POST, request.FILES)
    return kind(initial={"effective_on": request.now.date()})


def published(form: VersionForm, verb: Callable[[], MaterialVersion]) -> MaterialVersion | None:
    """What the verb published, or nothing: then the form says at which field it was refused, and why."""
    if not form.is_valid():
        return None
    try:
        return verb()
    except UploadRefused as refusal:
        form.too_large = isinstance(refusal, TooLarge)
        form.add_error("file", str(refusal))
    except PublicationRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return None


def status_of(form: VersionForm) -> int:
    return 413 if form.too_large else 422 if form.errors else 200


def done(request: PortalRequest, version: MaterialVersion) -> HttpResponse:
    messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
    return redirect("admin:engagements_material_change", version.material_id)


def versions(request: PortalRequest, material: Material, form: VersionForm) -> HttpResponse:
    shown = download_of(material, request.now, title=material.title)
    facts = {"material": material, "shown": shown, "form": form}
    return page(request, "versions", material.title, status=status_of(form), **facts)


def page(
    request: PortalRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"title": title, "now": request.now, "may_publish": request.user.has_perm(PUBLISH)}
    return desk_answer(request, f"engagements/desk/{template}.html", context, status=status)
