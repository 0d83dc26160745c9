from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mail import clock

from ..models import Tick


@never_cache
@require_safe
@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@never_cache
@require_safe
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Whether pages can be served, and how long ago beat, queue and worker were last seen to work together."""
    try:
        now = clock.now()
        last = Tick.objects.filter(name="beat").values_list("at", flat=True).first()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "out of reach"}, status=503)
    return JsonResponse(
        {"ready": True, "seconds_since_last_tick": round((now - last).total_seconds()) if last else None}
    )
