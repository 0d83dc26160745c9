from functools import partial

from django.http import HttpResponse

from incentives.requests import PortalRequest
from incentives.views.scope import show_list

from ..eligibility_list import EligibilityListForm, explain, rows
from ..models import Engagement, Evaluation
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
        fill=partial(explain, engagement),
        engagement=engagement,
        evaluation=Evaluation.last(),
    )
