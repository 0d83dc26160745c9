"""The catalogue on the desk, for reading: what can be earned and what it pays (ROLE-6)."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from incentives.desk import Choice, DeskPage, Figure
from incentives.templatetags.portal import usd
from mail import clock

from .eligibility_desk import AttainmentPage, EvaluationPage
from .models import Engagement, IdKind, RateCard, SolutionArea

__all__ = ["AttainmentPage", "EngagementPage", "EvaluationPage", "RateCardPage"]

AVAILABILITY = {"upcoming": _("Upcoming"), "active": _("Active"), "closed": _("Closed")}


SECTIONS = (
    (None, "code solution_area workload partner_role payout activity opens_on closes_on"),
    (_("What is asked"), "description what_is_done partners customers is_private has_customer_list ids"),
    (_("Proof of execution"), "proof asks_customer asks_partner"),
    (_("Limits"), "limit_consents limit_unique_customers limit_approved limit_concurrent limit_scope"),
    (_("Rates"), "rates"),
)


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


def bullets(sentences: Iterable[str]) -> str:
    items = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in sentences))
    return format_html("<ul>{}</ul>", items) if items else "–"


def yes_or_no(field: str, label: Any) -> Callable[[Any, Engagement], str]:
    """A fact of the engagement in a word; a red cross would say that a No is bad."""

    @admin.display(description=label)
    def shown(page: Any, engagement: Engagement) -> str:
        return str(_("Yes") if getattr(engagement, field) else _("No"))

    return shown


@admin.register(Engagement)
class EngagementPage(DeskPage):
    """What can be earned, with its criteria, proof, limits and rates."""

    name = _("Engagements")
    list_display = (
        "code",
        "title",
        "solution_area",
        "partner_role",
        "payout",
        "availability",
        "opens_on",
        "closes_on",
    )
    list_select_related = ("solution_area",)
    list_filter = (AreaFilter, PayoutFilter)
    search_fields = ("code", "name", "workload")
    search_help_text = _("Code, name or workload")
    fieldsets = tuple((heading, {"fields": tuple(names.split())}) for heading, names in SECTIONS)
    readonly_fields = [name for _heading, names in SECTIONS for name in names.split()]

    is_private = yes_or_no("private_list", _("Only for a private list of locations"))
    has_customer_list = yes_or_no("customer_list", _("Only for listed customers"))
    asks_customer = yes_or_no("customer_survey", _("Customer survey"))
    asks_partner = yes_or_no("partner_survey", _("Partner survey"))

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        today = clock.now().date()
        not_over = Q(closes_on=None) | Q(closes_on__gte=today)
        active = Engagement.objects.for_partners().filter(not_over, opens_on__lte=today)
        yield Figure(_("Engagements"), str(active.count()), self.address, _("open to new claims"))

    @admin.display(description=_("Name"), ordering="name")
    def title(self, engagement: Engagement) -> str:
        return engagement.name

    @admin.display(description=_("Availability"))
    def availability(self, engagement: Engagement) -> str:
        return str(AVAILABILITY[engagement.availability(timezone.now().date())])

    @admin.display(description=_("Timeline"))
    def activity(self, engagement: Engagement) -> str:
        days = engagement.activity_type
        if days is None:
            return "–"
        words = _(
            "%(name)s: consent in %(consent)s days, then submission in %(submit)s, review in %(review)s"
        )
        return words % {
            "name": days.name,
            "consent": days.consent_days,
            "submit": days.submit_days,
            "review": days.review_days,
        }

    @admin.display(description=_("Requirements and activities"))
    def what_is_done(self, engagement: Engagement) -> str:
        return bullets(engagement.requirements)

    @admin.display(description=_("Partner criteria"))
    def partners(self, engagement: Engagement) -> str:
        return bullets(engagement.partner_criteria)

    @admin.display(description=_("Customer criteria"))
    def customers(self, engagement: Engagement) -> str:
        return bullets(engagement.customer_criteria)

    @admin.display(description=_("Customer ID types"))
    def ids(self, engagement: Engagement) -> str:
        return ", ".join(str(IdKind(kind).label) for kind in engagement.id_types)

    @admin.display(description=_("Documents"))
    def proof(self, engagement: Engagement) -> str:
        return bullets([slot.name for slot in engagement.evidence.all()])

    @admin.display(description=_("Rate cards"))
    def rates(self, engagement: Engagement) -> str:
        address = f"{reverse('admin:engagements_ratecard_changelist')}?engagement={engagement.code}"
        return format_html('<a href="{}">{}</a>', address, _("Show the rate cards"))


@admin.register(RateCard)
class RateCardPage(DeskPage):
    """What an engagement pays, by market, from one day to another."""

    name = _("Rate cards")
    list_display = (
        "engagement",
        "starts_on",
        "ends_on",
        "a",
        "b",
        "c",
        "unit",
        "highest",
        "market_list",
        "sample",
    )
    list_select_related = ("engagement", "market_list")
    list_filter = (AreaOfRatesFilter, EngagementFilter)
    search_fields = ("engagement__name", "engagement__code")
    search_help_text = _("Code or name of the engagement")
    fields = (
        "engagement",
        "starts_on",
        "ends_on",
        "a",
        "b",
        "c",
        "unit",
        "highest",
        "market_list",
        "source",
        "sample",
    )
    readonly_fields = ("a", "b", "c", "highest", "sample")

    @admin.display(description=_("Market A"), ordering="rate_a")
    def a(self, card: RateCard) -> str:
        return usd(card.rate_a)

    @admin.display(description=_("Market B"), ordering="rate_b")
    def b(self, card: RateCard) -> str:
        return usd(card.rate_b)

    @admin.display(description=_("Market C"), ordering="rate_c")
    def c(self, card: RateCard) -> str:
        return usd(card.rate_c)

    @admin.display(description=_("Cap"), ordering="cap")
    def highest(self, card: RateCard) -> str:
        return usd(card.cap)

    @admin.display(description=_("Sample rates"))
    def sample(self, card: RateCard) -> str:
        return ", ".join(card.sample_markets)
