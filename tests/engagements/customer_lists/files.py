"""Lists of customers as files: good ones from their usual programs, and every way in which one can be bad."""

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msoffcrypto
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from incentives.management.bench import list_files

HEADER = ("Customer ID type", "Customer ID")
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ROWS = (("Domain name", "contoso.com"), ("Tenant ID", TENANT))


def csv_bytes(
    rows: Sequence[Sequence[str]] = ROWS, *, header: Sequence[str] = HEADER, by: str = ","
) -> bytes:
    return "".join(f"{by.join(row)}\r\n" for row in (header, *rows)).encode()


def csv_of(rows: Sequence[Sequence[str]] = ROWS, *, name: str = "customers.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, csv_bytes(rows), "text/csv")


def tenants(count: int, *, start: int = 0) -> list[tuple[str, str]]:
    return [("Tenant ID", f"00000000-0000-4000-8000-{number:012}") for number in range(start, start + count)]


def xlsx_bytes(
    rows: Sequence[Sequence[object]] = ROWS,
    *,
    header: Sequence[str] = HEADER,
    change: Callable[[Workbook], object] = lambda book: None,
) -> bytes:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    change(book)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def excel_bytes() -> bytes:
    """The usual rows in a workbook whose cells point to shared texts."""
    with TemporaryDirectory() as folder:
        customers = [(label, label, value) for label, value in ROWS]
        return list_files.workbook(Path(folder), customers).read_bytes()


def repacked(content: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The same package with each part changed, and more parts."""
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as before,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
        for name, part in more.items():
            after.writestr(name, part)
    return made.getvalue()


def locked(content: bytes) -> bytes:
    """The workbook as Excel saves it with a password."""
    made = BytesIO()
    msoffcrypto.OfficeFile(BytesIO(content)).encrypt("secret", made)
    return made.getvalue()


def hidden_sheet(book: Workbook) -> None:
    book.create_sheet("Prices").sheet_state = "hidden"


def hidden_row(book: Workbook) -> None:
    book.active.row_dimensions[3].hidden = True


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, part: part.replace(old, new) if name.endswith("sheet1.xml") else part


def bomb(megabytes: int) -> bytes:
    """A small file that unpacks to this much inside its sheet."""
    return repacked(
        xlsx_bytes(), in_sheet(b"<sheetData>", b"<sheetData>" + b"<x/>" * (megabytes * 256 * 1024))
    )
