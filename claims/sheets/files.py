"""What is downloaded: the template with all that may be written into it, and the report on a sheet's rows."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django_countries import countries

from engagements.eligibility import why_not_open
from engagements.models import Engagement, IdKind
from incentives.cells import Cell
from incentives.models import Location, User

from ..models import ClaimSheet, SheetRow
from .columns import COLUMNS, RESULTS, said
from .reading import SHEET

Rows = list[tuple[Cell, ...]]
Table = tuple[list[str], Rows]


def template(user: User, *, now: datetime) -> dict[str, Table]:
    """The sheets of the template by name: the empty one, and what its columns take, as far as this person may."""
    return {
        SHEET: (headings(), []),
        str(_("Columns")): about_columns(),
        str(_("Engagements")): about_engagements(user, now),
        str(_("Locations")): about_locations(user),
    }


def headings() -> list[str]:
    return [str(column.heading) for column in COLUMNS]


def about_columns() -> Table:
    rows: Rows = [
        (str(column.heading), _("Yes") if column.needed else _("No"), str(column.what), column.example)
        for column in COLUMNS
    ]
    return [_("Column"), _("Needed"), _("What to write"), _("Example")], rows


def about_engagements(user: User, now: datetime) -> Table:
    found = Engagement.objects.for_partners().visible_to(user).select_related("solution_area")
    labels = dict(IdKind.choices)
    rows: Rows = [
        (
            one.name,
            one.code,
            one.solution_area.name,
            one.get_payout_display(),
            ", ".join(str(labels[kind]) for kind in one.id_types),
        )
        for one in found.order_by("solution_area__position", "name")
        if not why_not_open(one, now.date())
    ]
    return [
        _("Engagement"),
        _("Code"),
        _("Solution area"),
        _("Payout type"),
        _("Customer ID types"),
    ], rows


def about_locations(user: User) -> Table:
    found = Location.objects.visible_to(user).enrolled()
    rows: Rows = [
        (one.partner_number, one.name, one.city, str(countries.name(one.country.code))) for one in found
    ]
    return [_("PartnerID"), _("Location"), _("City"), _("Country/region")], rows


def report(sheet: ClaimSheet) -> tuple[list[str], Iterator[tuple[Cell, ...]]]:
    """The rows as they were uploaded, each with what became of it: a file to be mended and uploaded again."""
    return [*headings(), *map(str, RESULTS)], map(result, sheet.rows.order_by("line").iterator())


def result(row: SheetRow) -> tuple[Cell, ...]:
    cells = [row.cells.get(column.key, "") for column in COLUMNS]
    mend = [f"{heading}: {text}" if heading else text for heading, text in said(row.findings)]
    return *cells, row.label, row.claim_id, " ".join(mend)
