"""The catalogue on the desk, for reading: what can be earned and what it pays (ROLE-6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from incentives.desk import Choice, DeskPage, Figure
from mail import clock

from .models import Engagement, RateCard, SolutionArea


class AreaFilter(Choice):
    title = _("Solution area")
    parameter_name = "area"
    path = "solution_area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return SolutionArea.objects.values_list("code", "name")

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(**{self.path: value})


class AreaOfRatesFilter(AreaFilter):
    path = "engagement__solution_area"


class PayoutFilter(Choice):
    title = _("Payout")
    parameter_name = "payout"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return Engagement.Payout.choices

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(payout=value)


class EngagementFilter(Choice):
    title = _("Engagement")
    parameter_name = "engagement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Engagement.objects.values_list("code", "name")

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(engagement__code=value)
