from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.pages import LongPage
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_page

from ..columns import columns_of
from ..depth import page_of_claims
from ..list_form import RANGES, ClaimListForm, ground_of
from ..listing import COLUMNS, rows_of


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """Customer claims: one tab per solution area, filtered, ordered and paged by the address alone (CLM-1)."""
    areas = list(SolutionArea.objects.all())
    area = chosen_area(request, areas)
    form = ClaimListForm(
        request.GET, ground_of(request.user, area), now=request.now, shown=columns_of(request.user)
    )
    context = {
        "areas": areas,
        "area": area,
        "start": f"?area={area.code}" if area else "?",
        "all_columns": COLUMNS,
        "shown": {column.key for column in form.shown()},
        "ranges": RANGES,
        "form": form,
        "page": page(form, request.GET.get("page")),
        "query": listed_query(request),
        "now": request.now,
    }
    return show_page(request, "claims/list.html", "claims/_list.html", context, valid=form.is_valid())


def page(form: ClaimListForm, number: str | None) -> LongPage:
    return page_of_claims(form, number, rows_of(form.shown(), form.now))


def listed_query(request: PortalRequest) -> str:
    """The address of the list without its page."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def chosen_area(request: PortalRequest, areas: list[SolutionArea]) -> SolutionArea | None:
    """The tab: the first one by default; a search from the bar at the top looks through all of them."""
    if code := request.GET.get("area"):
        return get_object_or_404(SolutionArea, code=code)
    return None if "search" in request.GET else next(iter(areas), None)
