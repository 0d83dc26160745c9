"""The catalogue on the desk: what can be earned, by whom, for how much; `claims.admin` opens these pages (ROLE-6)."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from incentives.desk import Choice, Figure, Group
from incentives.requests import SignedInRequest
from incentives.templatetags.portal import usd
from mail import clock

from .customer_lists.urls import desk_urls
from .desk import files
from .desk.page import CataloguePage
from .models import (
    ActivityType,
    CannedComment,
    Designation,
    Engagement,
    MarketList,
    PrivateListEntry,
    RateCard,
    SolutionArea,
)

AVAILABILITY = {"upcoming": _("Upcoming"), "active": _("Active"), "closed": _("Closed")}


class AreaFilter(Choice):
    title = _("Solution area")
    parameter_name = "area"
    path = "solution_area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return SolutionArea.objects.values_list("code", "name")


class AreaOfEngagementFilter(AreaFilter):
    path = "engagement__solution_area"


class PayoutFilter(Choice):
    title = _("Payout")
    parameter_name = "payout"
    options = Engagement.Payout.choices


class EngagementFilter(Choice):
    title = _("Engagement")
    parameter_name = "engagement"
    path = "engagement__code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return Engagement.objects.values_list("code", "name")


class EngagementPage(CataloguePage):
    """What can be earned, with its criteria, proof, limits and rates; and the whole catalogue as a file."""

    kind = "engagement"
    name = _("Engagements")
    one = _("New engagement")
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *desk_urls(view),
            path("file/", view(self.download), name="engagements_catalogue_download"),
            path("file/upload/", view(self.upload), name="engagements_catalogue_upload"),
            path("file/upload/<uuid:draft>/", view(self.load), name="engagements_catalogue_load"),
            *super().get_urls(),
        ]

    def download(self, request: SignedInRequest) -> HttpResponse:
        return files.download(request, self)

    def upload(self, request: SignedInRequest) -> HttpResponse:
        return files.upload(request, self)

    def load(self, request: SignedInRequest, draft: Any) -> HttpResponse:
        return files.load(request, self, draft)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        upload = reverse("admin:engagements_catalogue_upload")
        extra = {
            "download": reverse("admin:engagements_catalogue_download"),
            "upload": upload if self.has_change_permission(request) else "",
        }
        return super().changelist_view(request, extra | (extra_context or {}))

    def related(self, row: Any) -> list[tuple[Any, str]]:
        """The other lists of the engagement."""
        models = (RateCard, PrivateListEntry, CannedComment)
        pages: list[Any] = [self.admin_site.get_model_admin(model) for model in models]
        shelf = reverse("admin:engagements_material_shelf", args=[row.code])
        lists = [(page.name, f"{page.address}?engagement={row.code}") for page in pages]
        own = [(_("Templates and material"), shelf)]
        if row.partner_role == Engagement.PARTNER_ACTIVITIES:
            own.append(
                (_("Eligible customers"), reverse("admin:engagements_engagement_customers", args=[row.pk]))
            )
        return own + lists

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


class RateCardPage(CataloguePage):
    """What an engagement pays, by market, from one day to another."""

    kind = "rate_card"
    name = _("Rate cards")
    one = _("New rate card")
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
    list_filter = (AreaOfEngagementFilter, EngagementFilter)
    search_fields = ("engagement__name", "engagement__code")
    search_help_text = _("Code or name of the engagement")

    def start(self, request: HttpRequest) -> dict[str, Any]:
        return {"engagement": request.GET.get("engagement", "")}

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


class MarketListPage(CataloguePage):
    """Which countries are Market A, B and C; each rate card names its list (ENG-9)."""

    kind = "market_list"
    name = _("Market lists")
    one = _("New market list")
    list_display = ("code", "title", "source", "cards")
    search_fields = ("code", "name")
    search_help_text = _("Code or name")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return MarketList.objects.annotate(in_use=Count("ratecard"))

    @admin.display(description=_("Name"), ordering="name")
    def title(self, market_list: MarketList) -> str:
        return market_list.name

    @admin.display(description=_("Rate cards"), ordering="in_use")
    def cards(self, market_list: Any) -> int:
        return market_list.in_use


class SolutionAreaPage(CataloguePage):
    """The tabs of the workspace, with the most claims a partner may have open for one customer ID (LIM-1)."""

    kind = "solution_area"
    name = _("Solution areas")
    one = _("New solution area")
    list_display = ("code", "title", "position", "open_claims_limit")

    @admin.display(description=_("Name"), ordering="name")
    def title(self, area: SolutionArea) -> str:
        return area.name


class ActivityTypePage(CataloguePage):
    """How many days each clock of a claim runs."""

    kind = "activity_type"
    name = _("Activity types")
    one = _("New activity type")
    list_display = ("code", "title", "consent_days", "submit_days", "review_days", "dispute_days")
    ordering = ("submit_days", "code")

    @admin.display(description=_("Name"), ordering="name")
    def title(self, activity_type: ActivityType) -> str:
        return activity_type.name


class DesignationPage(CataloguePage):
    """What locations can attain and engagements can ask for (ENG-7)."""

    kind = "designation"
    name = _("Designations")
    one = _("New designation")
    list_display = ("code", "title", "of_kind")
    search_fields = ("code", "name")
    search_help_text = _("Code or name")
    ordering = ("kind", "name", "code")

    @admin.display(description=_("Name"), ordering="name")
    def title(self, designation: Designation) -> str:
        return designation.name

    @admin.display(description=_("Kind"), ordering="kind")
    def of_kind(self, designation: Designation) -> str:
        return designation.get_kind_display()


class PrivateListPage(CataloguePage):
    """The locations that may see and claim an engagement with a private list (ENG-2)."""

    kind = "private_list"
    name = _("Private lists")
    group = Group.PARTNERS
    one = _("Add or remove locations")
    list_display = ("engagement", "partner_id", "place", "removal")
    list_display_links = None
    list_select_related = ("engagement", "location")
    list_filter = (EngagementFilter,)
    search_fields = ("location__name", "location__partner_number")
    search_help_text = _("Location or PartnerID")
    ordering = ("engagement__name", "location__partner_number")

    def get_urls(self) -> list[URLPattern]:
        return super().get_urls()[:2]

    def start(self, request: HttpRequest) -> dict[str, Any]:
        return {name: request.GET.get(name, "") for name in ("engagement", "deed", "locations")}

    @admin.display(description=_("PartnerID"), ordering="location__partner_number")
    def partner_id(self, entry: PrivateListEntry) -> int:
        return entry.location.partner_number

    @admin.display(description=_("Location"), ordering="location__name")
    def place(self, entry: PrivateListEntry) -> str:
        return str(entry.location)

    @admin.display(description=_("Action"))
    def removal(self, entry: PrivateListEntry) -> str:
        asked = {
            "engagement": entry.engagement.code,
            "deed": "remove",
            "locations": entry.location.partner_number,
        }
        address = f"{reverse('admin:engagements_privatelistentry_add')}?{urlencode(asked)}"
        return format_html('<a href="{}">{}</a>', address, _("Remove"))

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if self.has_change_permission(request) else self.list_display[:-1]


class CannedCommentPage(CataloguePage):
    """What reviewers of an engagement write often, in English, French and Japanese (REV-3)."""

    kind = "canned_comment"
    name = _("Canned comments")
    group = Group.REVIEW
    one = _("New canned comment")
    list_display = ("title", "engagement", "code", "is_offered")
    list_select_related = ("engagement",)
    list_filter = (EngagementFilter,)
    search_fields = ("title", "english")
    search_help_text = _("Title or English text")
    ordering = ("engagement__name", "code")

    def start(self, request: HttpRequest) -> dict[str, Any]:
        return {"engagement": request.GET.get("engagement", "")}

    @admin.display(description=_("Offered"), ordering="offered")
    def is_offered(self, comment: CannedComment) -> str:
        return str(_("Yes") if comment.offered else _("No"))
