from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from engagements.listing import EngagementListForm, EngagementRow, eligible_locations, rows
from engagements.models import Engagement, SolutionArea
from incentives.models import Location
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_list

from .. import attention
from ..customers import active_customers


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """MCI engagements: one tab per solution area. It stands above both apps, as it counts claims too (ENG-1)."""
    areas = list(SolutionArea.objects.all())
    wanted = request.GET.get("area")
    area = next((area for area in areas if wanted in (None, "", area.code)), None)
    if wanted and area is None:
        raise Http404
    engagements = rows(
        Engagement.objects.visible_to(request.user).filter(solution_area=area), request.now.date()
    )
    places = Location.objects.visible_to(request.user).enrolled()
    form = EngagementListForm(request.GET, places, {row.engagement.partner_role for row in engagements})

    def count(shown: Sequence[EngagementRow]) -> None:
        asked, location = [row.engagement.pk for row in shown], form.chosen("location")
        eligible = eligible_locations(asked, request.user, location=location)
        customers = active_customers(asked, request.user, location=location, now=request.now)
        for row in shown:
            row.eligible, row.enrolled = eligible.get(row.engagement.pk, 0), form.enrolled()
            row.customers = customers.get(row.engagement.pk, 0)

    return show_list(
        request,
        "engagements/list.html",
        "engagements/_list.html",
        form,
        engagements,
        fill=count,
        areas=areas,
        area=area,
        waiting=attention.count(request.user, now=request.now),
    )
