"""Payee profiles on the desk, for reading: whether a location can be paid, and its numbers by their masks (ROLE-6)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mail import clock

from .desk import Choice, DeskPage, Figure
from .models import Enrolment, Location, PayeeProfile
from .models.payee import Part, incomplete, status_words

SECTIONS = (
    (None, ("location", "status")),
    (Part.BANK.label, ("bank_country", "bank_name", "bank_mask", "bank_currency")),
    (Part.TAX.label, ("tax_country", "tax_name", "tax_mask", "tax_form", "tax_expires_on")),
)


class StatusFilter(Choice):
    title = _("Payee profile status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("complete", status_words(True)), ("incomplete", status_words(False))]

    def chosen(self, queryset: QuerySet, value: str) -> QuerySet:
        lacking = incomplete(clock.now())
        return queryset.filter(lacking if value == "incomplete" else ~lacking)


@admin.register(PayeeProfile)
class PayeeProfilePage(DeskPage):
    """Who can be paid; nobody of the vendor sees, or changes, an account or tax number."""

    name = _("Payee profiles")
    list_display = (
        "location",
        "status",
        "bank_country",
        "bank_mask",
        "bank_currency",
        "tax_country",
        "tax_mask",
    )
    list_display += ("tax_form", "tax_expires_on")
    list_select_related = ("location",)
    list_filter = (StatusFilter,)
    ordering = ("location__name", "location__partner_number")
    search_fields = ("location__name", "location__city", "=location__partner_number")
    search_help_text = _("PartnerID, name or city")
    fieldsets = tuple((heading, {"fields": names}) for heading, names in SECTIONS)
    readonly_fields = [name for _heading, names in SECTIONS for name in names]

    def figures(self, request: HttpRequest) -> Iterable[Figure]:
        lacking = incomplete(clock.now(), of="payee__")
        waiting = Location.objects.filter(lacking, enrolment__status=Enrolment.Status.ENROLLED)
        note = _("bank and tax details incomplete, of enrolled locations")
        yield Figure(_("Payee profiles"), str(waiting.count()), self.address, note)

    @admin.display(description=_("Payee profile status"))
    def status(self, profile: PayeeProfile) -> str:
        return str(status_words(profile.is_complete(clock.now())))
