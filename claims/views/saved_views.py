from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagements.models import SolutionArea
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, partner_record

from .. import saved_views
from ..list_form import ground_of
from ..models import SavedView
from ..saved_views import ViewRefused
from .lists import asked_list


class ViewForm(forms.Form):
    """A view's name, and whether colleagues see it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give the view a name.")},
    )
    shared = forms.BooleanField(label=gettext_lazy("Share with the people of my company"), required=False)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


@dataclass(frozen=True)
class Listed:
    """One view in the list of views: how many claims its reader finds in it, and what they may do with it."""

    view: SavedView
    count: str
    mine: bool
    removable: bool


@require_safe
@partner_page
def index(request: PortalRequest) -> HttpResponse:
    """All views that this person can open, with the number of their own claims in each (BEY-8)."""
    views = SavedView.objects.visible_to(request.user).select_related("owner")
    page = page_of(views, request.GET.get("page"))
    listed = saved_views.forms_of(page, ground_of(request.user), now=request.now)
    counts = saved_views.counts([form for _view, form in listed])
    page.object_list = [
        Listed(
            view,
            count,
            view.owner_id == request.user.pk and view.shared_with_id in (None, request.user.partner_id),
            view.owner_id != request.user.pk and saved_views.may_remove(view, request.user),
        )
        for (view, _form), count in zip(listed, counts, strict=True)
    ]
    return render(request, "claims/saved_views.html", {"page": page, "query": ""})


@require_POST
@partner_page
def create(request: PortalRequest) -> HttpResponse:
    """Save the list as it was asked for, under a name."""
    form, back = ViewForm(request.POST), request.POST.get("back", "")[:8000]
    _view, area, shown = asked_list(request, QueryDict(back), list(SolutionArea.objects.all()))
    if not shown.is_valid():
        form.add_error(
            None, _("This list asks for something that it does not know. Clear its filters, then save it.")
        )
    if form.is_valid():
        try:
            view = saved_views.save(
                request.user,
                **form.cleaned_data | {"query": shown.kept_query(area)},
                now=request.now,
            )
        except ViewRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
            return redirect(address(view))
    context = {"form": form, "back": back, "action": reverse("claims:save_view")}
    return render(request, "claims/saved_view.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_record
def edit(request: PortalRequest, view: int) -> HttpResponse:
    """Rename a view, share it, or keep it to oneself."""
    found = get_object_or_404(SavedView.objects.kept_by(request.user), pk=view)
    form = ViewForm(initial={"name": found.name, "shared": bool(found.shared_with_id)})
    if request.method == "POST":
        form = ViewForm(request.POST)
        if form.is_valid():
            try:
                saved_views.change(found, **form.cleaned_data)
            except ViewRefused as refusal:
                form.add_error("name", str(refusal))
            else:
                messages.success(request, _("The view “%(name)s” is saved.") % {"name": found.name})
                return redirect("claims:views")
    context = {"form": form, "action": request.path, "view": view}
    return render(
        request,
        "claims/saved_view.html",
        context,
        status=200 if form.is_valid() or not form.is_bound else 422,
    )


@require_POST
@partner_record
def remove(request: PortalRequest, view: int) -> HttpResponse:
    found = get_object_or_404(SavedView.objects.visible_to(request.user), pk=view)
    if not saved_views.may_remove(found, request.user):
        raise Http404
    found.delete()
    messages.success(request, _("The view “%(name)s” was removed.") % {"name": found.name})
    return redirect("claims:views")


def address(view: SavedView, **more: Any) -> str:
    return f"{reverse('claims:list')}?{urlencode({'view': view.pk, **more})}"
