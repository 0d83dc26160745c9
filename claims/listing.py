"""The list of claims, described once: columns, filters and order, all in the address of the page (CLM-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from engagements.models import Engagement
from incentives.models import Location, User

from .models import Claim
from .search import find
from .states import Status


@dataclass(frozen=True)
class Column:
    """One column: its key in the address, its heading, and what it is ordered by."""

    key: str
    heading: str | Promise
    order: str


COLUMNS = (
    Column("id", _("Claim ID"), "pk"),
    Column("engagement", _("Engagement"), "engagement__name"),
    Column("name", _("Claim name"), "name"),
    Column("customer", _("Customer name"), "customer__organization__name"),
    Column("customer_id", _("Customer ID"), "customer__value"),
    Column("partner_number", _("PartnerID"), "location__partner_number"),
    Column("partner", _("Partner name"), "location__name"),
    Column("updated", _("Last updated"), "updated_at"),
    Column("expiry", _("Claims expiry"), "expires_at"),
    Column("status", _("Status"), "current_status"),
)
ORDERS = {column.key: column.order for column in COLUMNS}
RANGES = {"1m": (_("1M"), 30), "3m": (_("3M"), 91), "6m": (_("6M"), 182)}
RELATED = ("engagement", "location", "customer__organization")


class ClaimFilter(django_filters.FilterSet):
    """Status, engagement, partner country, location, last updated and search, as typed into the address."""

    search = django_filters.CharFilter(method="filter_search", max_length=200)
    status = django_filters.MultipleChoiceFilter(
        field_name="current_status",
        label=_("Status"),
        choices=Status.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    engagement = django_filters.ModelMultipleChoiceFilter(
        label=_("Engagement"),
        queryset=Engagement.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )
    country = django_filters.MultipleChoiceFilter(
        field_name="location__country",
        label=_("Partner country"),
        choices=(),
        widget=forms.CheckboxSelectMultiple,
    )
    location = django_filters.ModelMultipleChoiceFilter(
        label=_("Partner location"), queryset=Location.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    range = django_filters.ChoiceFilter(
        method="filter_range", choices=[(key, label) for key, (label, _days) in RANGES.items()]
    )
    sort = django_filters.ChoiceFilter(
        method="filter_sort", choices=[(f"{sign}{key}", key) for key in ORDERS for sign in ("", "-")]
    )

    class Meta:
        model = Claim
        fields: list[str] = []

    def __init__(self, data: Any, *, queryset: QuerySet, user: User, now: datetime) -> None:
        super().__init__(data, queryset=queryset)
        self.now = now
        locations = Location.objects.visible_to(user).filter(claims__isnull=False).distinct()
        self.filters["location"].queryset = locations
        self.filters["engagement"].queryset = Engagement.objects.filter(
            pk__in=queryset.order_by().values("engagement")
        )
        codes = sorted({location.country.code for location in locations})
        self.filters["country"].extra["choices"] = [(code, countries.name(code)) for code in codes]

    def filter_search(self, claims: QuerySet, name: str, words: str) -> QuerySet:
        return find(claims, words)

    def filter_range(self, claims: QuerySet, name: str, key: str) -> QuerySet:
        return claims.filter(updated_at__gte=self.now - timedelta(days=RANGES[key][1]))

    def filter_sort(self, claims: QuerySet, name: str, key: str) -> QuerySet:
        order = ORDERS[key.lstrip("-")]
        return claims.order_by(f"-{order}" if key.startswith("-") else order, "-pk")

    def in_use(self) -> list[tuple[str, str, str]]:
        """The filters that are on, as (parameter, value, words), for the chips above the list."""
        if not self.is_valid():
            return []
        return [
            chip for name in ("status", "engagement", "country", "location") for chip in self._chips(name)
        ]

    def _chips(self, name: str) -> Iterable[tuple[str, str, str]]:
        field = self.form.fields[name]
        labels = {str(value): str(label) for value, label in field.choices}
        for value in self.data.getlist(name):
            yield name, value, f"{field.label}: {labels.get(value, value)}"


def claims_of(user: User, *, now: datetime) -> QuerySet:
    """Every claim the person may see, as it is at this instant, with what a row of the list shows."""
    return (
        Claim.objects.visible_to(user)
        .as_of(now)
        .select_related(*RELATED)
        .defer("search_text", "search_vector")
    )
