"""How the queue is narrowed: by status, solution area, engagement, country and dispute."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from claims.states import Status
from engagements.admin import EngagementFilter
from engagements.models import Engagement
from incentives.desk import Choice
from incentives.models import Location
from mail import clock

from . import queue

ALL = "all"


class StatusFilter(Choice):
    """Shows the queue; every other status only when asked for."""

    title = _("Status")
    parameter_name = "status"
    nothing = _("In the queue")
    options = ((ALL, _("All claims")), *Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        return queue.waiting(queryset) if value is None else self.chosen(queryset, value)

    def chosen(self, queryset: Any, value: str) -> QuerySet:
        return queryset if value == ALL else queryset.in_status({Status(value)}, clock.now())


class PartnersEngagementFilter(EngagementFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Engagement.objects.for_partners().values_list("code", "name")


class CountryFilter(Choice):
    title = _("Country/Region")
    parameter_name = "country"
    path = "location__country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = Location.objects.order_by().values_list("country", flat=True).distinct()
        return sorted(((code, countries.name(code)) for code in codes), key=lambda choice: choice[1])


class DisputeFilter(Choice):
    title = _("Dispute")
    parameter_name = "dispute"
    options = (("yes", _("Disputed")), ("no", _("Not disputed")))

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(disputed_at__isnull=value == "no")
