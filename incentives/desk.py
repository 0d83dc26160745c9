"""The desk: the admin site where the vendor's staff work. It has no sign-in of its own and does not exist for partners."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _


class Desk(AdminSite):
    site_title = _("Desk")
    index_title = _("Desk")
    site_url = None
    enable_nav_sidebar = False

    @property
    def site_header(self) -> str:
        return f"{settings.VENDOR_NAME} | {_('Desk')}"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in {"login", "password_change", "password_change_done"}]

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Answers 404 to signed-in people who are not staff: no hint that a desk exists (ACT-3)."""
        guarded = super().admin_view(view, cacheable)

        def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return door

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("incentives:sign_out")
