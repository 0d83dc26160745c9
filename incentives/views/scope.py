"""Who gets to the pages of the workspace at all, and how a list is answered."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from mail import clock

from ..listing import ListForm
from ..pages import page_of
from ..requests import PortalRequest
from ..roles import acts_for_partner, who_can_give_roles

View = Callable[..., HttpResponse]


def partner_page(view: View) -> View:
    """Only for people with an incentive role, with `request.now`.

    The vendor's staff get 404, as on a claim: they have no location, so a partner's page could show them nothing, and
    nothing here may become a way around the rights of their desk (ROLE-6). People without a role learn which one is
    missing and who can give it.
    """

    @wraps(view)
    def door(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not acts_for_partner(request.user):
            raise Http404
        if not request.user.location_roles.exists():
            return render(request, "incentives/no_role.html", {"admins": who_can_give_roles(request.user)})
        request.now = clock.now()
        return view(request, *args, **kwargs)

    return door


def show_list(
    request: PortalRequest,
    page: str,
    fragment: str,
    form: ListForm,
    rows: Sequence[Any],
    *,
    fill: Callable[[Sequence[Any]], None] | None = None,
    **context: Any,
) -> HttpResponse:
    """One page of a list: as a whole page, or as the fragment that replaces it; 422 for a strange address.

    `fill` adds to rows what takes the database some time: to those of the page, and to all where the list is ordered by
    a counted column.
    """
    query = request.GET.copy()
    query.pop("page", None)
    if fill and form.is_sorted_by_count():
        fill(rows)
    shown = page_of(form.narrowed(rows), request.GET.get("page"))
    if fill and not form.is_sorted_by_count():
        fill(list(shown))
    context |= {"form": form, "page": shown, "query": query.urlencode(), "now": request.now}
    return show_page(request, page, fragment, context, valid=form.is_valid())


def show_page(
    request: PortalRequest, page: str, fragment: str, context: dict[str, Any], *, valid: bool = True
) -> HttpResponse:
    response = render(request, fragment if request.htmx else page, context, status=200 if valid else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response
