from functools import partial

from django.http import Http404, HttpResponse, QueryDict

from engagements.eligibility import why_not_open
from engagements.models import Engagement
from engagements.views.scope import engagement_page
from incentives.requests import PortalRequest
from incentives.views.scope import show_page

from ..customers import TABS, CustomersForm, rows_in
from ..depth import page_of_claims, page_of_keys
from ..known_customers import KnownCustomer, KnownCustomers
from ..list_form import RANGES, ground_of


@engagement_page
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    """The customers of one engagement in three tabs, filtered, ordered and paged by the address alone (ENG-5)."""
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab", TABS[0].key)), None)
    if tab is None or engagement.partner_role != Engagement.PARTNER_ACTIVITIES:
        raise Http404
    form = CustomersForm(request.GET, ground_of(request.user, engagement=engagement), tab, now=request.now)
    known, number = KnownCustomers(engagement, request.user, now=request.now), request.GET.get("page")
    rows: list[KnownCustomer] = []
    if tab.key == "complete":
        page = page_of_claims(form, number, rows_in(request.user, request.now))
    else:
        page = page_of_keys(partial(known.keys, form), number, known.by_key)
        rows = known.rows(page.object_list, form.claims() if tab.key == "eligible" else None)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "engagement": engagement,
        "tabs": TABS,
        "tab": tab,
        "ranges": RANGES,
        "form": form,
        "page": page,
        "rows": rows,
        "rooms": known.rooms(),
        "query": query.urlencode(),
        "export": as_a_list(form, engagement) if form.ground.engagements else "",
        "why_not_open": why_not_open(engagement, request.now.date()),
        "now": request.now,
    }
    return show_page(
        request, "claims/customers.html", "claims/_customers.html", context, valid=form.is_valid()
    )


def as_a_list(form: CustomersForm, engagement: Engagement) -> str:
    """The claims of a tab as a list of claims would be asked for them: what its export is made from (ENG-6)."""
    asked = QueryDict(form.kept_query(engagement.solution_area), mutable=True)
    asked["engagement"] = engagement.code
    if form.tab.key == "complete" and "status" not in asked:
        asked.setlist("status", sorted(form.tab.statuses))
    return asked.urlencode()
