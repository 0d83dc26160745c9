"""Who gets to the pages of the workspace and of the desk at all, and how a list is answered."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from mail import clock

from ..listing import ListForm
from ..pages import page_of
from ..requests import CompanyRequest, PortalRequest
from ..roles import acts_for_partner, is_account_admin, who_can_give_roles

View = Callable[..., HttpResponse]
DeskView = Callable[..., HttpResponseBase]


def partner_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Only for people with an incentive role, with `request.now`.

    The vendor's staff get 404, as on a claim: they have no location, so a partner's page could show them nothing, and
    nothing here may become a way around the rights of their desk (ROLE-6). People without a role learn which one is
    missing and who can give it.
    """

    @wraps(view)
    def door(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not acts_for_partner(request.user):
            raise Http404
        if not request.user.location_roles.exists():
            if request.method not in {"GET", "HEAD"}:
                raise Http404
            context = {
                "admins": who_can_give_roles(request.user),
                "own_admin": is_account_admin(request.user),
            }
            return render(request, "incentives/no_role.html", context)
        request.now = clock.now()
        return view(request, *args, **kwargs)

    return door


def partner_record(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The same for what is a person's own: to somebody without a role it does not exist (404)."""
    page = partner_page(view)

    @wraps(view)
    def door(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.location_roles.exists():
            raise Http404
        return page(request, *args, **kwargs)

    return door


def account_admin_page(view: View) -> View:
    """Only for Account Admins, with `request.now` and their `company`; for everybody else it does not exist (404)."""

    @wraps(view)
    def door(request: CompanyRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.partner is None or not is_account_admin(request.user):
            raise Http404
        request.now, request.company = clock.now(), request.user.partner
        return view(request, *args, **kwargs)

    return door


def desk_page(right: str) -> Callable[[DeskView], DeskView]:
    """Let staff in whose role has this right, with `request.now`; partners have met the desk's 404 before."""

    def decorate(view: DeskView) -> DeskView:
        @wraps(view)
        @never_cache
        def door(request: PortalRequest, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(right):
                raise PermissionDenied
            request.now = clock.now()
            return view(request, **kwargs)

        return door

    return decorate


def show_list(
    request: PortalRequest,
    page: str,
    fragment: str,
    form: ListForm,
    rows: Iterable[Any],
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
        rows = list(rows)
        fill(rows)
    shown = page_of(form.narrowed(rows), request.GET.get("page"))
    if fill and not form.is_sorted_by_count():
        fill(list(shown))
    context |= {"form": form, "page": shown, "query": query.urlencode(), "now": request.now}
    return show_page(request, page, fragment, context, valid=form.is_valid())


def show_page(
    request: PortalRequest, page: str, fragment: str, context: dict[str, Any], *, valid: bool = True
) -> HttpResponse:
    return render(request, fragment if request.htmx else page, context, status=200 if valid else 422)


def revision(request: HttpRequest) -> int | None:
    """The revision of what the form was shown for, if it says so."""
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
