from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.core.paginator import Page
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from engagements.models import SolutionArea
from incentives.pages import PAGE_SIZE, LongPage, page_of, wanted_page
from incentives.requests import PortalRequest
from incentives.views.scope import partner_page, show_page

from .. import attention
from ..attention import MATTERS, NEAR, OF_CLAIMS, OF_ENGAGEMENTS, Matter, MatterOfClaims
from ..depth import shown_page
from ..models import Claim

FIRST = 10  # of each matter, while all of them are shown
Section = tuple[Matter, int, Iterable[Any]]


@require_safe
@partner_page
def show(request: PortalRequest) -> HttpResponse:
    """Attention required: the first of everything there is to do, or all of one matter, page by page (ENG-3)."""
    wanted = request.GET.get("matter", "")
    if wanted and wanted not in MATTERS:
        raise Http404
    numbers = attention.counts(request.user, now=request.now)
    of_claims = sum(numbers[matter.key] for matter in OF_CLAIMS)
    context: dict[str, Any] = {
        "areas": SolutionArea.objects.all(),
        "waiting": attention.altogether(of_claims, [sum(numbers.values()) - of_claims]),
        "many": attention.MANY,
        "of_claims": OF_CLAIMS,
        "of_engagements": OF_ENGAGEMENTS,
        "now": request.now,
        "near": request.now + NEAR,
    }
    if wanted:
        page = page_of_matter(request, MATTERS[wanted], numbers[wanted])
        context |= {
            "page": page,
            "query": f"matter={wanted}",
            "sections": [(MATTERS[wanted], numbers[wanted], page)],
        }
    else:
        context["sections"] = sections(request, numbers)
    return show_page(request, "engagements/attention.html", "engagements/_attention.html", context)


def sections(request: PortalRequest, numbers: dict[str, int]) -> list[Section]:
    """The first of every matter of which there is something; the claims of all of them are read at once."""
    user, now = request.user, request.now
    places = attention.places_of(user)
    keys = {
        matter.key: attention.keys_by_deadline(matter, places, now=now, limit=FIRST)
        for matter in OF_CLAIMS
        if numbers[matter.key]
    }
    claims = attention.claims_by_key(chain.from_iterable(keys.values()))
    return [
        (
            matter,
            numbers[key],
            there_still(keys[key], claims) if key in keys else attention.entries(key, user, now=now)[:FIRST],
        )
        for key, matter in MATTERS.items()
        if numbers[key]
    ]


def page_of_matter(request: PortalRequest, matter: Matter, number: int) -> Page | LongPage:
    """One page of a matter, of which so many were counted; raises Http404 for a page that it does not have."""
    user, now, asked = request.user, request.now, request.GET.get("page")
    if not isinstance(matter, MatterOfClaims):
        return page_of(attention.entries(matter.key, user, now=now), asked)
    wanted = wanted_page(asked)
    keys = attention.keys_by_deadline(
        matter, attention.places_of(user), now=now, limit=PAGE_SIZE + 1, start=(wanted - 1) * PAGE_SIZE
    )
    counted, more = min(number, attention.MANY), number > attention.MANY
    return shown_page(wanted, keys, counted, more, attention.claims_by_key)


def there_still(keys: Sequence[int], claims: dict[int, Claim]) -> list[Claim]:
    """The claims in the order of their keys."""
    return [claims[key] for key in keys if key in claims]
