"""The audit of a company's affairs as a list: the newest first, found by words and kind of change (ROLE-2)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ..listing import Column, ListForm, several
from ..models import AuditEntry, Partner

SEARCHED = ("person__full_name", "person__email", "location__name", "location__city", "before", "after")
# Who of the company made a change; the vendor's staff appear as the vendor, so their names find nothing (ACT-4).
SEARCHED_OF_COLLEAGUES = ("by__full_name", "by__email")


class AuditListForm(ListForm):
    default_sort = "-at"
    columns = (
        Column("at", _("Time"), lambda entry: entry.at),
        Column("action", _("Change")),
        Column("by", _("By")),
        Column("person", _("Person")),
        Column("location", _("Location")),
        Column("before", _("Before")),
        Column("after", _("After")),
    )
    action = several(_("Change"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, action=AuditEntry.Action.choices)

    def narrowed(self, rows: Any) -> Any:
        """The entries that match, still to be read page by page: an audit only grows."""
        if not self.is_valid():
            return rows.none()
        if actions := self.cleaned_data["action"]:
            rows = rows.filter(action__in=actions)
        for word in self.cleaned_data["search"].split():
            rows = rows.filter(holds(word))
        return rows.order_by("at", "pk") if self.sort_in_use() == "at" else rows.order_by("-at", "-pk")


def holds(word: str) -> Q:
    """Whether the word stands in one of the texts of an entry, or begins its PartnerID."""
    found = (
        Q(location__partner_number=int(word)) if word.isascii() and word.isdigit() and len(word) < 10 else Q()
    )
    for field in SEARCHED:
        found |= Q(**{f"{field}__icontains": word})
    for field in SEARCHED_OF_COLLEAGUES:
        found |= Q(**{f"{field}__icontains": word}, by__vendor_role="")
    return found


def entries_of(company: Partner) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(partner=company).select_related("by", "person", "location")
