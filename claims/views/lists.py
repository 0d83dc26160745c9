from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.models import Location
from incentives.pages import page_of
from incentives.requests import SignedInRequest
from incentives.roles import who_can_give_roles
from mail import clock

from ..listing import COLUMNS, RANGES, ClaimFilter, claims_of


@require_safe
def show(request: SignedInRequest) -> HttpResponse:
    """Customer claims: one tab per solution area, filtered, ordered and paged by the address alone (CLM-1)."""
    now = clock.now()
    areas = list(SolutionArea.objects.all())
    area = chosen_area(request, areas)
    claims = claims_of(request.user, now=now)
    if area:
        claims = claims.filter(engagement__solution_area=area)
    filters = ClaimFilter(request.GET, queryset=claims, user=request.user, now=now)
    valid = filters.is_valid()
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "areas": areas,
        "area": area,
        "columns": COLUMNS,
        "ranges": RANGES,
        "filters": filters,
        "chips": filters.in_use(),
        "page": page_of(filters.qs if valid else claims.none(), request.GET.get("page")),
        "query": query.urlencode(),
        "now": now,
        "has_roles": Location.objects.visible_to(request.user).exists(),
        "admins": who_can_give_roles(request.user),
    }
    template = "claims/_list.html" if request.htmx else "claims/list.html"
    response = render(request, template, context, status=200 if valid else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response


def chosen_area(request: HttpRequest, areas: list[SolutionArea]) -> SolutionArea | None:
    """The tab: the first one by default; a search from the bar at the top looks through all of them."""
    if code := request.GET.get("area"):
        return get_object_or_404(SolutionArea, code=code)
    return None if "search" in request.GET else next(iter(areas), None)
