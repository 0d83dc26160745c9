from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from incentives.requests import PortalRequest
from incentives.views.scope import partner_page

from ..columns import choose, reset
from ..list_form import ColumnsForm


@require_POST
@partner_page
def edit(request: PortalRequest) -> HttpResponse:
    """Customize: which columns the list shows, for this person and for good (CLM-1)."""
    form = ColumnsForm(request.POST)
    back = request.POST.get("back", "")
    if "reset" in request.POST:
        reset(request.user)
    elif form.is_valid():
        choose(request.user, form.cleaned_data["show"])
    else:
        return render(request, "claims/columns.html", {"form": form, "back": back}, status=422)
    return redirect(list_address(back))


def list_address(query: str) -> str:
    """The list as it was asked for by this query, from its first page and with the columns that are remembered."""
    kept = [
        (name, values)
        for name, values in QueryDict(query[:8000]).lists()
        if name not in {"page", "show", "view"}
    ]
    return f"{reverse('claims:list')}?{urlencode(kept, doseq=True)}"
