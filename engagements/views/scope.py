"""How every page of one engagement is reached: by people who may see it (ENG-2)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from incentives.requests import PortalRequest
from incentives.views.scope import partner_page

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
