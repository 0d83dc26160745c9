from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.pages import page_of
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_page

from ..attention import MATTERS, NEAR, OF_CLAIMS, OF_ENGAGEMENTS, counts, entries

FIRST = 10  # of each matter, while all of them are shown


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """Attention required: the first of everything there is to do, or all of one matter, page by page (ENG-3)."""
    wanted = request.GET.get("matter", "")
    if wanted and wanted not in MATTERS:
        raise Http404
    numbers = counts(request.user, now=request.now)
    context: dict[str, Any] = {
        "areas": SolutionArea.objects.all(),
        "waiting": f"{sum(numbers.values()):,}",
        "of_claims": OF_CLAIMS,
        "of_engagements": OF_ENGAGEMENTS,
        "now": request.now,
        "near": request.now + NEAR,
    }
    if wanted:
        page = page_of(entries(wanted, request.user, now=request.now), request.GET.get("page"))
        context |= {
            "page": page,
            "query": f"matter={wanted}",
            "sections": [(MATTERS[wanted], numbers[wanted], page)],
        }
    else:
        context["sections"] = [
            (matter, numbers[key], entries(key, request.user, now=request.now)[:FIRST])
            for key, matter in MATTERS.items()
            if numbers[key]
        ]
    return show_page(request, "engagements/attention.html", "engagements/_attention.html", context)
