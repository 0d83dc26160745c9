"""Payee profiles on the desk, for reading: whether a location can be paid, and its numbers by their masks (ROLE-6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from mail import clock

from ..desk import Choice, DeskPage, Figure, Group
from ..models import Enrolment, PayeeProfile
from ..models.payee import Part, incomplete, status_words

SECTIONS = (
    (None, ("location", "enrolment", "status")),
    (Part.BANK.label, ("bank_country", "bank_name", "bank_mask", "bank_currency")),
    (Part.TAX.label, ("tax_country", "tax_name", "tax_mask", "tax_form", "tax_expires_on")),
)


class StatusFilter(Choice):
    title = _("Payee profile status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("complete", status_words(True)), ("incomplete", status_words(False))]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset.filter(lacking=value == "incomplete")


class EnrolmentFilter(Choice):
    title = _("Enrollment")
    parameter_name = "enrolment"
    path = "location__enrolment__status"
    options = Enrolment.Status.choices


@admin.register(PayeeProfile)
class PayeeProfilePage(DeskPage):
    """Who can be paid; nobody of the vendor sees, or changes, an account or tax number."""

    name = _("Payee profiles")
    group = Group.PARTNERS
    list_display = (
        "location",
        "enrolment",
        "status",
        "bank_country",
        "bank_mask",
        "tax_country",
        "tax_mask",
        "short_form",
        "tax_expires_on",
    )
    list_select_related = ("location__enrolment",)
    list_filter = (EnrolmentFilter, StatusFilter)
    ordering = ("location__name", "location__partner_number")
    search_fields = ("location__name", "location__city", "=location__partner_number")
    search_help_text = _("PartnerID, name or city")
    fieldsets = tuple((heading, {"fields": names}) for heading, names in SECTIONS)
    readonly_fields = [name for _heading, names in SECTIONS for name in names]

    def get_urls(self) -> list[URLPattern]:
        """The list and a page to read; what changed is told by the audit."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="incentives_payeeprofile_changelist"),
            path("<path:object_id>/change/", view(self.change_view), name="incentives_payeeprofile_change"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        lacking = Case(When(incomplete(clock.now()), then=True), default=False)
        return super().get_queryset(request).annotate(lacking=lacking).defer("bank_sealed", "tax_sealed")

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        enrolled = Enrolment.Status.ENROLLED
        waiting = PayeeProfile.objects.filter(incomplete(clock.now()), location__enrolment__status=enrolled)
        address = f"{self.address}?enrolment={enrolled}&status=incomplete"
        note = _("enrolled, but bank and tax details incomplete")
        yield Figure(_("Payee profiles"), str(waiting.count()), address, note)

    @admin.display(description=_("Enrollment"))
    def enrolment(self, profile: PayeeProfile) -> str:
        return profile.location.enrolment.get_status_display()

    @admin.display(description=_("Tax form"), ordering="tax_form", empty_value="-")
    def short_form(self, profile: PayeeProfile) -> str:
        return profile.tax_form

    @admin.display(description=_("Payee profile status"), ordering="lacking")
    def status(self, profile: Any) -> str:
        return str(status_words(not profile.lacking))
