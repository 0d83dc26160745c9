from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from engagements.listing import EngagementListForm, rows
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
    area = get_object_or_404(SolutionArea, code=wanted) if wanted else next(iter(areas), None)
    engagements = list(Engagement.objects.visible_to(request.user).filter(solution_area=area))
    locations = list(Location.objects.visible_to(request.user).enrolled().select_related("enrolment"))
    form = EngagementListForm(request.GET, locations, {engagement.partner_role for engagement in engagements})
    customers = active_customers(engagements, request.user, location=form.chosen("location"), now=request.now)
    return show_list(
        request,
        "engagements/list.html",
        "engagements/_list.html",
        form,
        rows(engagements, form.counted(locations), customers, request.now.date()),
        areas=areas,
        area=area,
        waiting=sum(attention.counts(request.user, now=request.now).values()),
    )
