"""Sheets of claims as people save them: rows by the headings of the template, as CSV or workbook."""

import csv
from io import BytesIO, StringIO

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from claims.models import CustomerIdentity
from claims.sheets.columns import BY_KEY, COLUMNS
from engagements.models import Engagement, IdKind
from incentives.models import Location

HEADINGS = [str(column.heading) for column in COLUMNS]


def row(
    engagement: Engagement, location: Location, customer: CustomerIdentity, **changes: object
) -> dict[str, str]:
    """A row by which a claim can be created, with these cells changed."""
    domain = customer.counts_as.domains.first()
    cells = {
        "engagement": engagement.name,
        "name": "Spring campaign",
        "location": str(location.partner_number),
        "id_kind": str(IdKind(customer.kind).label),
        "id_value": customer.value,
        "customer_contact_name": "Susie Jones",
        "customer_contact_email": f"susie@{domain.value if domain else 'customer.example'}",
    }
    return {key: str(value) for key, value in (cells | changes).items()}


def lines(rows: list[dict[str, str]], headings: list[str] = HEADINGS) -> list[list[str]]:
    keys = {str(column.heading): key for key, column in BY_KEY.items()}
    return [headings, *([each.get(keys.get(heading, ""), "") for heading in headings] for each in rows)]


def csv_of(rows: list[dict[str, str]], headings: list[str] = HEADINGS, name: str = "campaign.csv"):
    text = StringIO()
    csv.writer(text).writerows(lines(rows, headings))
    return SimpleUploadedFile(name, text.getvalue().encode(), "text/csv")


def workbook(rows: list[dict[str, str]], change=lambda book: None, title: str = "Claims") -> bytes:
    book = Workbook()
    book.active.title = title
    for line in lines(rows):
        book.active.append(line)
    change(book)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def xlsx_of(content: bytes, name: str = "campaign.xlsx"):
    return SimpleUploadedFile(name, content)
