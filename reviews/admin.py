"""The claims on the desk: the reviewers' queue, and the doors of the review page."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from claims.models import Claim
from claims.search import find
from engagements.admin import AreaOfEngagementFilter
from incentives.desk import DeskPage, Figure, Group
from incentives.templatetags.portal import day, usd
from mail import clock

from . import queue
from .filters import CountryFilter, DisputeFilter, PartnersEngagementFilter, StatusFilter
from .views import claim as review_page
from .views import comments, consent, decisions, documents, poe_templates


def deadline_cell(at: datetime | None, now: datetime) -> str:
    near = at is not None and at - now < queue.NEAR
    return render_to_string("parts/_deadline.html", {"at": at, "now": now, "near": near})


def days_since(then: datetime, now: datetime) -> str:
    number = (now - then).days
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


@admin.register(Claim)
class ReviewQueue(DeskPage):
    """What waits for a reviewer, the earliest deadline first; all other claims on demand (REV-1)."""

    name = _("Review queue")
    group = Group.REVIEW
    list_display = (
        "number",
        "of_engagement",
        "customer_name",
        "place",
        "country",
        "payable",
        "state",
        "submitted",
        "age",
        "deadline",
        "dispute",
    )
    list_filter = (
        StatusFilter,
        AreaOfEngagementFilter,
        PartnersEngagementFilter,
        CountryFilter,
        DisputeFilter,
    )
    search_fields = ("search_text",)
    search_help_text = _("Claim ID, customer, partner or PartnerID")
    change_list_template = "admin/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Only these doors; the admin's own pages for adding, changing and deleting do not exist."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="claims_claim_changelist"),
            path("<int:claim>/change/", view(review_page.show), name="claims_claim_change"),
            path("<int:claim>/decision/<slug:action>/", view(decisions.create), name="claims_claim_decision"),
            path("<int:claim>/comments/", view(comments.create), name="claims_claim_comments"),
            path("<int:claim>/consent/", view(consent.show), name="claims_claim_consent"),
            path("<int:claim>/documents/<int:document>/", view(documents.show), name="claims_claim_document"),
            path(
                "<int:claim>/templates/<int:version>/", view(poe_templates.show), name="claims_claim_template"
            ),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return queue.claims(clock.now())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """The queue by its deadlines; a list of any status by Claim ID, for which there is an index."""
        return ("decide_by", "pk") if not request.GET.get(StatusFilter.parameter_name) else ("-pk",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        by_deadline = not request.GET.get(StatusFilter.parameter_name) and not request.GET.get("o")
        order = _("The earliest deadline stands first; a dispute is due 5 days after it was submitted.")
        return super().changelist_view(
            request, {"order": order if by_deadline else "", **(extra_context or {})}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return (find(queryset, search_term) if search_term else queryset), False

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        now = clock.now()
        found = queue.waiting(queue.claims(now)).aggregate(
            waiting=Count("pk"),
            disputes=Count("pk", filter=Q(dispute_submitted_at__isnull=False)),
            pressing=Count("pk", filter=Q(decide_by__lt=now + queue.NEAR)),
            oldest=Min("submitted_at"),
        )
        yield Figure(_("Review queue"), str(found["waiting"]), self.address, _("submitted or under review"))
        yield Figure(
            _("Disputes"),
            str(found["disputes"]),
            f"{self.address}?dispute=yes",
            _("to be answered within 5 days"),
        )
        tone = "warn" if found["pressing"] else ""
        yield Figure(
            _("Pressing"), str(found["pressing"]), self.address, _("fewer than 5 days left, or passed"), tone
        )
        age = days_since(found["oldest"], now) if found["oldest"] else "–"
        note = (
            _("submitted %(date)s") % {"date": day(found["oldest"])}
            if found["oldest"]
            else _("nothing waits")
        )
        yield Figure(_("Oldest"), age, self.address, note)

    @admin.display(description=_("Claim ID"), ordering="pk")
    def number(self, claim: Any) -> int:
        return claim.pk

    @admin.display(description=_("Engagement"), ordering="engagement__name")
    def of_engagement(self, claim: Any) -> str:
        return claim.engagement.name

    @admin.display(description=_("Customer"), ordering="customer__organization__name")
    def customer_name(self, claim: Any) -> str:
        return claim.customer.organization.name

    @admin.display(description=_("Partner location"), ordering="location__name")
    def place(self, claim: Any) -> str:
        return str(claim.location)

    @admin.display(description=_("Country"), ordering="location__country")
    def country(self, claim: Any) -> str:
        return claim.location.country.name

    @admin.display(description=_("Payable"), ordering="payable_usd")
    def payable(self, claim: Any) -> str:
        return usd(claim.payable_usd)

    @admin.display(description=_("Status"), ordering="current_status")
    def state(self, claim: Any) -> str:
        label = Claim.Status(claim.current_status).label
        return render_to_string("parts/_status.html", {"code": claim.current_status, "label": label})

    @admin.display(description=_("Submitted"), ordering="submitted_at")
    def submitted(self, claim: Any) -> str:
        return day(claim.submitted_at)

    @admin.display(description=_("Age"), ordering="submitted_at")
    def age(self, claim: Any) -> str:
        return days_since(claim.submitted_at, claim.asked_at) if claim.submitted_at else "–"

    @admin.display(description=_("Review deadline"), ordering="review_deadline")
    def deadline(self, claim: Any) -> str:
        return deadline_cell(claim.review_deadline, claim.asked_at)

    @admin.display(description=_("Dispute"), ordering="answer_by", empty_value="")
    def dispute(self, claim: Any) -> str:
        if claim.answer_by:
            return render_to_string("reviews/_dispute.html", {"at": claim.answer_by, "now": claim.asked_at})
        return ""
