from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ..enrolment import enrolments_of
from ..models import LedgerEntry, Location
from ..roles import who_can_give_roles


def home(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index" if request.user.is_staff else "incentives:overview")


def show(request: HttpRequest) -> HttpResponse:
    locations = Location.objects.visible_to(request.user)
    totals = dict(LedgerEntry.objects.filter(location__in=locations).order_by().values_list("kind").annotate(Sum("amount_usd")))
    enrolments = enrolments_of(request.user)
    return render(
        request,
        "incentives/overview.html",
        {
            "total_earned": totals.get(LedgerEntry.Kind.EARNED, 0),
            "total_paid": totals.get(LedgerEntry.Kind.PAID, 0),
            "enrolments": enrolments,
            "admins": [] if enrolments else who_can_give_roles(request.user),
        },
    )
