from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpResponse

from engagements.eligibility import why_not_open
from engagements.models import Engagement
from engagements.views.scope import engagement_page
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.scope import show_page

from ..customers import SHOWN, TABS, claims_in
from ..known_customers import KnownCustomers
from ..listing import ORDERS, RANGES, ClaimFilter
from ..models import CustomerIdentity


@engagement_page
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    """The customers of one engagement in three tabs, filtered, ordered and paged by the address alone (ENG-5)."""
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab", TABS[0].key)), None)
    if tab is None or engagement.partner_role != Engagement.PARTNER_ACTIVITIES:
        raise Http404
    claims = claims_in(tab, engagement, request.user, now=request.now)
    filters = ClaimFilter(request.GET, queryset=claims, user=request.user, now=request.now)
    valid = filters.is_valid()
    known = KnownCustomers(engagement, request.user, now=request.now)
    found = filters.qs if valid else claims.none()
    number = request.GET.get("page")
    if tab.key == "complete":
        page, rows = page_of(found, number), []
    else:
        page = page_of(customers(tab.key, known, found, filters), number)
        rows = known.rows(page.object_list, found if tab.key == "eligible" else None)
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
        "page": page,
        "rows": rows,
        "rooms": known.rooms(),
        "query": query.urlencode(),
        "why_not_open": why_not_open(engagement, request.now.date()),
        "now": request.now,
    }
    return show_page(request, "claims/customers.html", "claims/_customers.html", context, valid=valid)


def customers(
    tab: str, known: KnownCustomers, claims: QuerySet, filters: ClaimFilter
) -> QuerySet[CustomerIdentity]:
    """The customers of a tab, by name or by the foremost of their claims in the wanted order."""
    if not filters.is_valid():
        return CustomerIdentity.objects.none()
    asked: dict[str, Any] = filters.form.cleaned_data
    words = asked["search"]
    if tab == "eligible":
        narrowed = any(asked[name] for name in ("status", "country", "location", "range"))
        found = known.eligible(claims, words=words, narrowed=narrowed)
    else:
        found = known.ineligible(words=words)
    found = found.select_related("organization", "tenant__organization")
    key, sign = asked["sort"].lstrip("-"), asked["sort"][:1]
    if key in ("", "customer"):
        return found.order_by("-organization__name" if sign == "-" else "organization__name", "pk")
    theirs = claims.filter(customer=OuterRef("pk")).values(ORDERS[key])
    first = Subquery(theirs.order_by(f"-{ORDERS[key]}" if sign == "-" else ORDERS[key])[:1])
    ranked = found.annotate(rank=first)
    order = F("rank").desc(nulls_last=True) if sign == "-" else F("rank").asc(nulls_last=True)
    return ranked.order_by(order, "organization__name", "pk")
