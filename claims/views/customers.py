from django.http import Http404, HttpResponse

from engagements.eligibility import why_not_open
from engagements.models import Engagement
from engagements.views.scope import engagement_page
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.scope import show_page

from ..customers import SHOWN, TABS, claims_in
from ..listing import RANGES, ClaimFilter


@engagement_page
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    """The customers of one engagement in three tabs, filtered, ordered and paged by the address alone (ENG-5)."""
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab", TABS[0].key)), None)
    if tab is None or engagement.partner_role != Engagement.PARTNER_ACTIVITIES:
        raise Http404
    claims = claims_in(tab, engagement, request.user, now=request.now)
    filters = ClaimFilter(request.GET, queryset=claims, user=request.user, now=request.now)
    valid = filters.is_valid()
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "engagement": engagement,
        "tabs": TABS,
        "tab": tab,
        "columns": SHOWN,
        "ranges": RANGES,
        "filters": filters,
        "chips": filters.in_use(),
        "page": page_of(filters.qs if valid else claims.none(), request.GET.get("page")),
        "query": query.urlencode(),
        "why_not_open": why_not_open(engagement, request.now.date()),
        "now": request.now,
    }
    return show_page(request, "claims/customers.html", "claims/_customers.html", context, valid=valid)
