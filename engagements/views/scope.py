"""How every page of one engagement is reached: by people who may see it (ENG-2), or by staff with the right for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incentives.requests import PortalRequest
from incentives.views.scope import partner_page
from mail import clock

from ..models import Engagement

View = Callable[..., HttpResponseBase]


def engagement_page(view: View) -> View:
    """Hand the view an engagement that this person may see, with `request.now`."""

    @require_safe
    @partner_page
    @wraps(view)
    def door(request: PortalRequest, engagement: str, **kwargs: Any) -> Any:
        visible = Engagement.objects.visible_to(request.user).select_related("solution_area", "activity_type")
        return view(request, get_object_or_404(visible, code=engagement), **kwargs)

    return door


def desk_page(right: str) -> Callable[[View], View]:
    """Let staff in whose role has this right, with `request.now`; partners have met the desk's 404 before."""

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def door(request: PortalRequest, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(right):
                raise PermissionDenied
            request.now = clock.now()
            return view(request, **kwargs)

        return door

    return decorate
