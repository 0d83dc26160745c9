"""The desk: the admin site of the vendor's staff; no sign-in of its own, and for partners it does not exist."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin, ShowFacets, SimpleListFilter
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .pages import BoundedPaginator

OWN_SIGN_IN = {"login", "password_change", "password_change_done"}


class Group(models.TextChoices):
    """What the lists of the desk are about; those of one group share a menu."""

    REVIEW = "review", _("Review")
    CATALOGUE = "catalogue", _("Catalogue")
    PARTNERS = "partners", _("Partners")
    OPERATION = "operation", _("Operation")
    AUDIT = "audit", _("Audit")


@dataclass(frozen=True)
class Figure:
    """One card of the desk's first page: a number, what it counts, and the list behind it."""

    label: str | Promise
    value: str
    href: str
    note: str | Promise = ""
    tone: str = ""


class Desk(AdminSite):
    site_title = _("Desk")
    index_title = _("Desk")
    site_url = None
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        urls = [url for url in super().get_urls() if getattr(url, "name", "") not in OWN_SIGN_IN]
        for url in urls:
            # Django points these views at a sign-in page that the desk does not have; the portal's own serves.
            view = getattr(url, "callback", None)
            if view and hasattr(view, "login_url"):
                del view.login_url
        return urls

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Answers 404 to signed-in people who are not staff: no hint that a desk exists (ACT-3)."""
        guarded = super().admin_view(view, cacheable)

        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return door

    def pages(self, request: HttpRequest) -> list["DeskPage"]:
        """Every list that this person's role may see (ROLE-6)."""
        return [
            page
            for page in self._registry.values()
            if isinstance(page, DeskPage) and page.has_view_permission(request)
        ]

    def groups(self, request: HttpRequest) -> list[tuple[Group, list["DeskPage"]]]:
        """Those lists by what they are about."""
        pages = self.pages(request)
        found = [(group, [page for page in pages if page.group == group]) for group in Group]
        return [(group, of_group) for group, of_group in found if of_group]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "site_header": f"{settings.VENDOR_NAME} | {_('Desk')}",
            "groups": self.groups(request),
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page: the figures of every list that this person's role may see, troubles first."""
        figures = [figure for page in self.pages(request) for figure in page.figures(request)]
        figures.sort(key=lambda figure: figure.tone != "warn")
        return super().index(request, {"figures": figures, **(extra_context or {})})

    def app_index(  # type: ignore[override]  # its stub knows pages only, the admin sends redirects as well
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("admin:index")

    def logout(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("incentives:sign_out")


def desk_answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    """A page of the desk, with what every page of it shows: the menu by role, and who is signed in."""
    whole = admin.site.each_context(request) | context
    return TemplateResponse(request, template, whole, status=status)


class DeskPage(ModelAdmin):
    """A list and a page for reading only: nothing is added, changed or deleted, except through verbs of its own."""

    name: str | Promise = ""
    group = Group.CATALOGUE
    actions = None
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    view_on_site = False

    @property
    def address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; Django's own page for an address that it gave up on does not know who asks, so the list it is."""
        if ERROR_FLAG in request.GET and len(request.GET) > 1:
            return redirect(self.address)
        return super().changelist_view(request, {"title": self.name, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        """What the desk's first page says about this list."""
        return ()


class Choice(SimpleListFilter):
    """A filter drawn as a select: one letter of the keyboard finds its choice. Unknown values choose nothing."""

    template = "admin/filter.html"
    nothing = _("All")
    path = ""  # of what is compared with the value, where it is not called like the parameter
    options: Iterable[tuple[str, Any]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return self.options

    def value(self) -> str | None:
        given = super().value()
        return given if given in {str(value) for value, _label in self.lookup_choices} else None

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queryset if value is None else self.chosen(queryset, value)

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter((self.path or self.parameter_name, value))

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What the template of this filter draws, not the links that the admin's own would."""
        for value, label in [("", self.nothing), *self.lookup_choices]:
            yield {"value": value, "display": label, "selected": str(value) == (self.value() or "")}
