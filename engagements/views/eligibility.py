from django.http import HttpResponse

from incentives.requests import PortalRequest
from incentives.roles import incentive_admins
from incentives.views.scope import show_list

from ..eligibility_list import EligibilityListForm, rows
from ..models import Engagement
from .scope import engagement_page


@engagement_page
def show(request: PortalRequest, engagement: Engagement) -> HttpResponse:
    places = rows(engagement, request.user, now=request.now)
    return show_list(
        request,
        "engagements/eligibility.html",
        "engagements/_eligibility.html",
        EligibilityListForm(request.GET, places),
        places,
        engagement=engagement,
        admins=incentive_admins(row.location for row in places),
    )
