"""The list of templates and delivery material on the desk, and the doors of their pages (ENG-8)."""

from typing import Any

from django.contrib import admin
from django.db.models import DateTimeField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from incentives.desk import Choice, DeskPage
from incentives.templatetags.portal import day
from mail import clock

from .models import Material, MaterialVersion
from .views import desk_materials


class KindFilter(Choice):
    title = _("Kind")
    parameter_name = "kind"
    options = (("template", _("POE template")), ("delivery", _("Delivery material")))

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(slot="") if value == "delivery" else queryset.exclude(slot="")


class MaterialPage(DeskPage):
    """What partners download for their engagements, each with the version in effect."""

    name = _("Templates and material")
    list_display = ("title", "place", "which", "in_effect", "to_come", "uploaded")
    list_select_related = ("engagement",)
    list_filter = (KindFilter,)
    search_fields = ("title", "engagement__name", "engagement__code")
    search_help_text = _("Title, or code or name of the engagement")
    ordering = ("engagement__name", "title", "pk")

    def get_urls(self) -> list[URLPattern]:
        """Only these doors; the admin's own pages for adding, changing and deleting do not exist."""
        view, pages = self.admin_site.admin_view, desk_materials
        name = "engagements_material"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("of/<slug:engagement>/", view(pages.of_engagement), name=f"{name}_shelf"),
            path("of/<slug:engagement>/add/", view(pages.add), name=f"{name}_add"),
            path("<int:material>/change/", view(pages.show), name=f"{name}_change"),
            path("<int:material>/versions/", view(pages.create), name=f"{name}_versions"),
            path("versions/<int:version>/", view(pages.download), name=f"{name}_download"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        hint = _("Open an engagement, here or under Engagements, to add a template or material.")
        return super().changelist_view(request, {"order": hint, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With every version, and the instant at which all of it was asked."""
        rows = super().get_queryset(request).annotate(asked_at=Value(clock.now(), DateTimeField()))
        return rows.prefetch_related("versions__uploaded_by")

    @admin.display(description=_("Engagement"), ordering="engagement__name")
    def place(self, material: Material) -> str:
        address = reverse("admin:engagements_material_shelf", args=[material.engagement.code])
        return format_html('<a href="{}">{}</a>', address, material.engagement)

    @admin.display(description=_("Kind"))
    def which(self, material: Material) -> str:
        return str(material.kind)

    @admin.display(description=_("In effect"))
    def in_effect(self, material: Any) -> str:
        version = material.in_effect(material.asked_at)
        words = _("Version %(number)s since %(day)s")
        return words % numbers(version) if version else "–"

    @admin.display(description=_("To come"))
    def to_come(self, material: Any) -> str:
        version = material.to_come(material.asked_at)
        words = _("Version %(number)s from %(day)s")
        return words % numbers(version) if version else "–"

    @admin.display(description=_("Last upload"))
    def uploaded(self, material: Material) -> str:
        newest = material.versions.all()[0]
        return f"{newest.uploaded_by}, {day(newest.uploaded_at)}"


def numbers(version: MaterialVersion) -> dict[str, object]:
    return {"number": version.number, "day": day(version.effective_at)}
