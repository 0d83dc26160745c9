from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.pages import LongPage
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_page

from ..columns import columns_of
from ..depth import page_of_claims
from ..export_jobs import ready_for
from ..list_form import KEPT_IN_A_VIEW, RANGES, ClaimListForm, ground_of
from ..listing import COLUMNS, rows_of
from ..models import SavedView
from ..saved_views import address_for_reader, asked_for

VIEWS_IN_MENU = 20


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """Customer claims: one tab per solution area, filtered, ordered and paged by the address alone (CLM-1)."""
    areas = list(SolutionArea.objects.all())
    view, area, form = asked_list(request, request.GET, areas)
    if view:
        request.GET = address_for_reader(view, form)  # type: ignore[assignment]  # links of the page go by it
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
        "view": view,
        "ready": ready_for(request.user, now=request.now),
        "views": SavedView.objects.visible_to(request.user)[:VIEWS_IN_MENU],
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


def asked_list(
    request: PortalRequest, given: QueryDict, areas: list[SolutionArea]
) -> tuple[SavedView | None, SolutionArea | None, ClaimListForm]:
    """The list that an address asks for: its saved view, if it names one, its tab, and what is read from it."""
    view, asked = asked_view(request, given)
    area = asked_area(asked, areas, forgiving=view is not None)
    form = ClaimListForm(
        asked,
        ground_of(request.user, area),
        now=request.now,
        shown=columns_of(request.user),
        forgiving=view is not None,
    )
    return view, area, form


def asked_view(request: PortalRequest, given: QueryDict) -> tuple[SavedView | None, QueryDict]:
    """The saved view that the address names, if any, and what is asked: by the view, or by the address beside it."""
    key = given.get("view", "")
    if not key:
        return None, given
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        raise Http404
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=key)
    changed = given.keys() & {*KEPT_IN_A_VIEW, "show"}
    return view, given if changed else asked_for(view)


def asked_area(
    asked: QueryDict, areas: list[SolutionArea], *, forgiving: bool = False
) -> SolutionArea | None:
    """The tab: the first one by default; a search from the bar at the top looks through all of them."""
    if code := asked.get("area"):
        found = SolutionArea.objects.filter(code=code).first()
        if found is None and not forgiving:
            raise Http404
        return found
    return None if "search" in asked else next(iter(areas), None)
