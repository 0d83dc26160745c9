from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from incentives.models import Location
from incentives.requests import PortalRequest

from ..listing import Availability, EngagementRow, eligible_locations
from ..materials import downloads
from ..models import Engagement, IdKind
from ..rates import market_rates, shown_on
from .scope import engagement_page


@engagement_page
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    today = request.now.date()
    row = EngagementRow(engagement, Availability(engagement.availability(today)))
    row.enrolled = Location.objects.visible_to(request.user).enrolled().count()
    row.eligible = eligible_locations([engagement.pk], request.user).get(engagement.pk, 0)
    context: dict[str, Any] = {
        "engagement": engagement,
        "row": row,
        "cards": [(card, market_rates(card)) for card in shown_on(engagement, today)],
        "id_kinds": [IdKind(kind).label for kind in engagement.id_types],
        "slots": engagement.evidence.all(),
        "downloads": downloads(engagement, now=request.now),
        "today": today,
    }
    return render(request, "engagements/summary.html", context)
