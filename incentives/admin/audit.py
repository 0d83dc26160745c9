"""The audit of all companies on the desk, for the vendor's auditor, who changes nothing (ROLE-6)."""

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from ..desk import Choice, DeskPage, Group
from ..models import AuditEntry
from ..templatetags.portal import instant


class ActionFilter(Choice):
    title = _("Change")
    parameter_name = "action"
    options = AuditEntry.Action.choices


@admin.register(AuditEntry)
class AuditPage(DeskPage):
    """What was changed about people, roles, enrollment and payee details, in every company."""

    name = _("Audit")
    group = Group.AUDIT
    list_display = ("time", "change", "company", "who", "whom", "place", "was", "becomes")
    list_display_links = None
    list_select_related = ("by", "person", "partner", "location")
    list_filter = (ActionFilter,)
    search_fields = ("person__email", "person__full_name", "by__email", "by__full_name", "partner__name")
    search_help_text = _("Person, e-mail address or company")
    ordering = ("-at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        """Only the list: an entry has nothing to tell but its line."""
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="incentives_auditentry_changelist")]

    @admin.display(description=_("Time"), ordering="at")
    def time(self, entry: AuditEntry) -> str:
        return instant(entry.at)

    @admin.display(description=_("Change"), ordering="action")
    def change(self, entry: AuditEntry) -> str:
        return entry.get_action_display()

    @admin.display(description=_("Company"), ordering="partner__name")
    def company(self, entry: AuditEntry) -> str:
        return str(entry.partner or "–")

    @admin.display(description=_("By"), ordering="by__full_name")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.by or _("The portal"))

    @admin.display(description=_("Person"), ordering="person__full_name")
    def whom(self, entry: AuditEntry) -> str:
        return str(entry.person or "–")

    @admin.display(description=_("Location"), ordering="location__name")
    def place(self, entry: AuditEntry) -> str:
        return str(entry.location or "–")

    @admin.display(description=_("Before"))
    def was(self, entry: AuditEntry) -> str:
        return entry.before or "–"

    @admin.display(description=_("After"))
    def becomes(self, entry: AuditEntry) -> str:
        return entry.after or "–"
