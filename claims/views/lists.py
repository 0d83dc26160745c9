from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_page

from ..listing import COLUMNS, RANGES, ClaimFilter, claims_of


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """Customer claims: one tab per solution area, filtered, ordered and paged by the address alone (CLM-1)."""
    areas = list(SolutionArea.objects.all())
    area = chosen_area(request, areas)
    claims = claims_of(request.user, now=request.now)
    if area:
        claims = claims.filter(engagement__solution_area=area)
    filters = ClaimFilter(request.GET, queryset=claims, user=request.user, now=request.now)
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
        "now": request.now,
    }
    return show_page(request, "claims/list.html", "claims/_list.html", context, valid=valid)


def chosen_area(request: HttpRequest, areas: list[SolutionArea]) -> SolutionArea | None:
    """The tab: the first one by default; a search from the bar at the top looks through all of them."""
    if code := request.GET.get("area"):
        return get_object_or_404(SolutionArea, code=code)
    return None if "search" in request.GET else next(iter(areas), None)
