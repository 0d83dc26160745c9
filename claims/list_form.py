"""What the address of a list of claims asks for: search, filters, dates and order, and the claims that this leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Value
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagements.models import Engagement, SolutionArea
from incentives.listing import Checkboxes, ListForm, country_choices, one, several
from incentives.models import Location, User

from .listing import BY_KEY, COLUMNS, Column, columns_named
from .models import Claim
from .models.claim import ClaimQuerySet
from .orders import Ground, Offered
from .search import find
from .states import Status

RANGES = {"1m": (gettext_lazy("1M"), 30), "3m": (gettext_lazy("3M"), 91), "6m": (gettext_lazy("6M"), 182)}
CUSTOM = "custom"
NEWEST_FIRST = "-updated"
# What an address can ask of the list, but for its page: all that a saved view keeps.
KEPT_IN_A_VIEW = (
    "area",
    "search",
    "status",
    "engagement",
    "country",
    "location",
    "payout",
    "range",
    "since",
    "until",
    "sort",
)
OTHER = "-"  # stands in an address for values that its reader cannot see


def ground_of(user: User, area: SolutionArea | None = None, engagement: Engagement | None = None) -> Ground:
    """The locations and engagements of all claims that the person may see, in a solution area or an engagement.

    The keys are read before the claims are asked for: by them, unlike by a subquery, PostgreSQL walks along an index.
    """
    places = list(
        Location.objects.visible_to(user).annotate(
            has_claims=Exists(Claim.objects.filter(location=OuterRef("pk")).order_by())
        )
    )
    offered = Engagement.objects.order_by("name", "pk")
    if engagement:
        offered = offered.filter(pk=engagement.pk)
    elif area:
        offered = offered.filter(solution_area=area)
    here = Claim.objects.filter(
        engagement=OuterRef("pk"),
        location__in=[place.pk for place in places],
        partner__in={place.partner_id for place in places},
    ).order_by()
    claimed = [place for place in places if place.has_claims]
    facts = offered.filter(Exists(here)).values_list(
        "pk", "code", "name", "workload", "payout", "solution_area", "solution_area__name"
    )
    return Ground(places, claimed, [Offered(*each) for each in facts] if claimed else [])


def claims_at(places: Sequence[Location]) -> ClaimQuerySet:
    """The claims of these locations, found by their companies first, as the indexes of claims begin with them."""
    companies = sorted({place.partner_id for place in places})
    return Claim.objects.filter(Among("location_id", [place.pk for place in places]), partner__in=companies)


class Among(Func):
    """Whether a claim has one of these keys in a column: five hundred of them are one value, not five hundred."""

    template, arg_joiner, output_field = "%(expressions)s::bigint[])", " = ANY(", BooleanField()

    def __init__(self, column: str, keys: list[int]) -> None:
        super().__init__(F(column), Value(keys))


def check_columns(keys: list[str]) -> list[str]:
    """The columns if a row of them has something to click on; raises ValidationError otherwise."""
    if keys and not any(BY_KEY[key].never_empty for key in keys):
        raise ValidationError(_("Show at least one more column, so that each claim can be opened."))
    return keys


@dataclass(frozen=True)
class Period:
    """The days on which a claim was last updated; either end may be open."""

    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, claims: ClaimQuerySet) -> ClaimQuerySet:
        if self.since:
            claims = claims.filter(updated_at__gte=self.since)
        return claims.filter(updated_at__lte=self.until) if self.until else claims


class ClaimListForm(ListForm):
    """Reads the address of a list of claims; `shown` are the columns of its table.

    A saved view may ask for values that its reader cannot see (`forgiving`): they are left out, and never widen it.
    """

    columns = COLUMNS
    default_sort = NEWEST_FIRST
    not_filters = frozenset({"search", "sort", "range", "since", "until", "show"})
    status = several(gettext_lazy("Status"))
    engagement = several(gettext_lazy("Engagement"))
    country = several(gettext_lazy("Partner country"))
    location = several(gettext_lazy("Partner location"))
    payout = several(gettext_lazy("Payout type"))
    range = one(gettext_lazy("Last updated"))
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("To"), required=False)
    show = several(gettext_lazy("Columns"))

    def __init__(
        self,
        data: QueryDict,
        ground: Ground,
        *,
        now: datetime,
        shown: Sequence[str] = tuple(BY_KEY),
        forgiving: bool = False,
    ) -> None:
        places = ground.claimed
        super().__init__(
            data,
            status=Status.choices,
            engagement=[(engagement.code, engagement.name) for engagement in ground.engagements],
            country=country_choices(place.country.code for place in places),
            location=[(str(place.partner_number), str(place)) for place in places],
            payout=Engagement.Payout.choices,
            show=[(column.key, column.heading) for column in COLUMNS],
            range=[*((key, label) for key, (label, _days) in RANGES.items()), (CUSTOM, _("Custom"))],
        )
        self.ground, self.now, self.remembered = ground, now, shown
        self.left_out = self.leave_out_unknown() if forgiving else set()

    def leave_out_unknown(self) -> set[str]:
        """Take values off the filters that are not offered here; returns the filters of which none was left."""
        emptied = set()
        for name in self.fields.keys() - self.not_filters:
            offered: Any = getattr(self.fields[name], "choices", ())
            known, asked = {str(value) for value, _label in offered}, self.data.getlist(name)
            kept = [value for value in asked if value in known]
            self.data.setlist(name, kept)
            if asked and not kept:
                emptied.add(name)
        return emptied

    def shown(self) -> list[Column]:
        """The columns that the address names, else those that the person chose for good."""
        return columns_named(
            self.cleaned_data["show"] or self.remembered if self.is_valid() else self.remembered
        )

    def clean_show(self) -> list[str]:
        return check_columns(self.cleaned_data["show"])

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("range") != CUSTOM or self.errors.keys() & {"since", "until"}:
            return asked
        since, until = asked.get("since"), asked.get("until")
        if not since and not until:
            self.add_error("since", _("Choose the first day, the last day, or both."))
        elif since and until and until < since:
            self.add_error("until", _("The last day must not be before the first."))
        return asked

    def period(self) -> Period:
        """The days that the address asks for, in UTC."""
        asked = self.cleaned_data
        if asked["range"] in RANGES:
            return Period(self.now - timedelta(days=RANGES[asked["range"]][1]))
        if asked["range"] != CUSTOM:
            return Period()
        since, until = asked["since"], asked["until"]
        return Period(
            datetime.combine(since, time(), UTC) if since else None,
            datetime.combine(until, time.max, UTC) if until else None,
        )

    def days_in_words(self) -> str:
        """The days of a custom period as its button says them: Nov 1, 2026 – Nov 21, 2026."""
        if self.chosen("range") != CUSTOM:
            return ""
        ends = (self.cleaned_data["since"], self.cleaned_data["until"])
        return " – ".join(date_format(day, "M j, Y") if day else "…" for day in ends)

    def claims(self) -> ClaimQuerySet:
        """The claims that match, in no order; none where the address asks for what the list does not know."""
        if not self.is_valid() or self.left_out:
            return Claim.objects.none()
        asked = self.cleaned_data
        places = [
            place
            for place in self.ground.locations
            if (not asked["country"] or place.country.code in asked["country"])
            and (not asked["location"] or str(place.partner_number) in asked["location"])
        ]
        engagements = [
            engagement.pk
            for engagement in self.ground.engagements
            if (not asked["engagement"] or engagement.code in asked["engagement"])
            and (not asked["payout"] or engagement.payout in asked["payout"])
        ]
        if not places or not engagements:
            return Claim.objects.none()
        claims = self.period().narrow(claims_at(places).filter(Among("engagement_id", engagements)))
        if asked["status"]:
            claims = claims.in_status(asked["status"], self.now)
        return find(claims, asked["search"]) if asked["search"] else claims

    def kept_query(self, area: SolutionArea | None) -> str:
        """What a view or an export keeps of a list: its tab, search, filters, dates, order and columns."""
        kept = QueryDict(mutable=True)
        for name in KEPT_IN_A_VIEW:
            if values := [OTHER] if name in self.left_out else self.data.getlist(name):
                kept.setlist(name, values)
        if area:
            kept["area"] = area.code
        kept.setlist("show", [column.key for column in self.shown()])
        return kept.urlencode()

    def is_search(self) -> bool:
        return bool(self.chosen("search"))

    def keys_in_order(self) -> tuple[str, Sequence[Any]] | None:
        """A query for the keys of the claims that match, in the wanted order; None where there can be none."""
        sort = self.sort_in_use()
        order = BY_KEY[sort.lstrip("-")].order
        try:
            return order.sql(self.claims(), self.ground, now=self.now, backwards=sort.startswith("-"))
        except EmptyResultSet:
            return None


class ColumnsForm(forms.Form):
    """The columns that somebody wants to see from now on."""

    show = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(column.key, column.heading) for column in COLUMNS],
        widget=Checkboxes,
        error_messages={
            "required": gettext_lazy("Choose at least one column."),
            "invalid_choice": gettext_lazy("The list has no such column."),
        },
    )

    def clean_show(self) -> list[str]:
        return check_columns(self.cleaned_data["show"])
