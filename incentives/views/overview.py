from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from ..enrolment_list import EnrolmentListForm, EnrolmentRow, enrolments_of
from ..models import User
from ..requests import PortalRequest, SignedInRequest
from ..roles import incentive_admins
from .scope import partner_page, show_list


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    return redirect("admin:index" if request.user.is_staff else "incentives:overview")


@require_safe
def show(request: SignedInRequest) -> HttpResponseBase:
    """The workspace's first page, where the portal's name on every page leads; staff belong at their desk."""
    return redirect("admin:index") if request.user.is_staff else overview(request)


@partner_page
def overview(request: PortalRequest) -> HttpResponse:
    rows = enrolments_of(request.user, now=request.now)
    admins: dict[int, list[User]] = {}

    def find_admins(shown: Sequence[EnrolmentRow]) -> None:
        admins.update(incentive_admins(row.location for row in shown))

    return show_list(
        request,
        "incentives/overview.html",
        "incentives/_enrolments.html",
        EnrolmentListForm(request.GET, rows),
        rows,
        fill=find_admins,
        total_earned=sum(row.earned for row in rows),
        total_paid=sum(row.paid for row in rows),
        admins=admins,
        validating=any(row.is_being_judged for row in rows),
    )
