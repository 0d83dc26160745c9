"""Long lists of customers as their programs write them: CSV, and workbooks as Excel saves them."""

import random
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

Customer = tuple[str, str, str]  # the type of ID as people write it, its code, the ID

HEADER = ("Customer ID type", "Customer ID")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
BOOK = f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="List" sheetId="1" r:id="r0"/></sheets></workbook>'


def some_customers(count: int) -> Iterator[Customer]:
    """Plausible customers in no order: most by tenant, some by domain, some by TPID; the same in every run."""
    chance = random.Random(1)  # noqa: S311 (nothing here is secret)
    for number in range(count):
        match number % 10:
            case 0 | 1:
                yield "Domain name", "domain", f"{chance.randbytes(6).hex()}.example"
            case 2:
                yield "TPID", "tpid", str(10_000_000 + number)
            case _:
                yield "Tenant ID", "tenant", str(uuid.UUID(bytes=chance.randbytes(16)))


def csv_file(folder: Path, customers: Sequence[Customer]) -> Path:
    path = folder / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\r\n")
        file.writelines(f"{label},{value}\r\n" for label, _code, value in customers)
    return path


def workbook(folder: Path, customers: Sequence[Customer]) -> Path:
    """Every text stands once among the shared texts, and cells point to it; TPIDs are numbers."""
    path = folder / "customers.xlsx"
    texts: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", CONTENT_TYPES)
        package.writestr("_rels/.rels", relations(("officeDocument", "xl/workbook.xml")))
        package.writestr("xl/workbook.xml", BOOK)
        parts = (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
        package.writestr("xl/_rels/workbook.xml.rels", relations(*parts))
        with package.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f"<worksheet {MAIN}><sheetData>".encode())
            for line, (label, code, value) in enumerate([(HEADER[0], "", HEADER[1]), *customers], 1):
                first = pointing(f"A{line}", label, texts)
                is_number = code == "tpid"
                second = (
                    f'<c r="B{line}"><v>{value}</v></c>' if is_number else pointing(f"B{line}", value, texts)
                )
                part.write(f'<row r="{line}" spans="1:2">{first}{second}</row>'.encode())
            part.write(b"</sheetData></worksheet>")
        with package.open("xl/sharedStrings.xml", "w") as part:
            part.write(f'<sst {MAIN} uniqueCount="{len(texts)}">'.encode())
            for text in texts:
                part.write(f"<si><t>{text}</t></si>".encode())
            part.write(b"</sst>")
    return path


def pointing(cell: str, text: str, texts: dict[str, int]) -> str:
    return f'<c r="{cell}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'


def relations(*targets: tuple[str, str]) -> str:
    entries = (
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(entries)}</Relationships>'
