from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mail import clock

from .. import clockwork


@never_cache
@require_safe
@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@never_cache
@require_safe
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Whether pages can be served; how long ago beat and worker were seen alive, and what is late (F19)."""
    try:
        now = clock.now()
        ages, late = clockwork.ages(now=now), clockwork.late(now=now)
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "out of reach"}, status=503)
    seconds = {name: None if age is None else round(age.total_seconds()) for name, age in ages.items()}
    return JsonResponse({"ready": True, "seconds_since": seconds, "late": late})
