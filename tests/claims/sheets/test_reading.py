"""What is read from a sheet, and what every bad file is answered with (BEY-4)."""

from io import BytesIO

import pytest

from claims.sheets import reading
from claims.sheets.columns import COLUMNS, RESULTS
from incentives.tables.refusals import TableRefused
from tests.engagements.customer_lists.files import hidden_sheet, in_sheet, locked, repacked

from .sheets import HEADINGS, csv_of, workbook

CELLS = {
    "engagement": "Workshop",
    "name": "Spring",
    "location": "5272302",
    "id_kind": "TPID",
    "id_value": "4983154",
    "customer_contact_name": "Susie Jones",
    "customer_contact_email": "susie@contoso.com",
}
NEEDED = [str(column.heading) for column in COLUMNS if column.needed]


def read(given):
    content = given if isinstance(given, bytes) else given.open().read()
    name = "sheet.xlsx" if content.startswith((b"PK", b"\xd0\xcf")) else "sheet.csv"
    return reading.read(name, BytesIO(content))


def cells(rows) -> list[dict[str, str]]:
    return [{key: cell for key, cell in row.cells.items() if cell} for row in rows]


BOOK = workbook([CELLS])
GOOD = {
    "a CSV file": csv_of([CELLS]),
    "only what is needed, in another order": csv_of([CELLS], NEEDED[::-1]),
    "headings in capitals and with blanks": csv_of([CELLS], HEADINGS).read().replace(b"Claim name", b"CLAIM  Name "),
    "a report": csv_of([CELLS], [*HEADINGS, *map(str, RESULTS)]),
    "empty rows": csv_of([{}, CELLS, {}]),
    "a workbook": BOOK,
    "a workbook with other sheets": workbook([CELLS], lambda book: book.create_sheet("Notes")),
    "a workbook with a hidden sheet": workbook([CELLS], hidden_sheet),
    "a workbook with one sheet of any name": workbook([CELLS], title="Sheet1"),
    "numbers": workbook([CELLS | {"location": 5272302, "id_value": 4983154.0}]),
}  # fmt: skip


@pytest.mark.parametrize("how", GOOD)
def test_a_sheet_is_read_whichever_way_it_was_saved(how):
    assert cells(read(GOOD[how])) == [CELLS]


def test_a_cell_is_one_line_of_text():
    typed = {"name": " Two\nlines\u00a0and  blanks ", "customer_contact_name": "'=1+1", "id_value": "'-12345"}
    (row,) = cells(read(csv_of([CELLS | typed])))
    assert (row["name"], row["customer_contact_name"]) == ("Two lines and blanks", "=1+1")
    assert row["id_value"] == "-12345"


def test_what_no_database_keeps_is_shown_by_a_sign():
    (row,) = read(csv_of([CELLS | {"name": "a\x01b"}]))
    assert row.cells["name"] == "a\ufffdb"


def test_an_endless_cell_is_cut():
    (row,) = read(csv_of([CELLS | {"name": "x" * 60_000}]))
    assert row.cells["name"] == "x" * reading.CELL_AT_MOST


def test_rows_are_counted_as_the_spreadsheet_program_counts_them():
    assert [row.line for row in read(csv_of([{}, CELLS, {}, CELLS]))] == [3, 5]
    assert [row.line for row in read(workbook([{}, CELLS, {}, CELLS]))] == [3, 5]


TROUBLE = {
    "a formula": (workbook([CELLS | {"name": "=1+1"}]), "Cell B2 holds a formula"),
    "a yes or no": (workbook([CELLS | {"name": True}]), "Cell B2 holds a date, a yes or no, or an error"),
    "a hidden row": (
        workbook([CELLS], lambda book: setattr(book.active.row_dimensions[2], "hidden", True)),
        "This row is hidden",
    ),
    "a cell in no column": (csv_of([CELLS]).read().replace(b"contoso.com", b"contoso.com,,,,,stray"), "“stray” stands"),
}  # fmt: skip


@pytest.mark.parametrize("what", TROUBLE)
def test_how_a_row_was_written_may_be_wrong(what):
    content, words = TROUBLE[what]
    (row,) = read(content)
    assert words in row.trouble


BOMB = repacked(BOOK, in_sheet(b"<sheetData>", b"<sheetData>" + b"<x/>" * (5 * 1024 * 1024)))
REFUSED = {
    "an unknown column": (csv_of([CELLS], [*HEADINGS, "Price", "Colour"]), "not known: “Price” and “Colour”"),
    "a column twice": (csv_of([CELLS], [*HEADINGS, "claim name"]), "a column twice: “Claim name”"),
    "missing columns": (csv_of([CELLS], NEEDED[2:]), "missing: “Engagement” and “Claim name”"),
    "no headings": (b"\r\n\r\n", "are missing: “Engagement”, “Claim name”"),
    "no rows": (csv_of([]), "no rows below"),
    "only empty rows": (csv_of([{}, {}]), "no rows below"),
    "too many rows": (csv_of([CELLS] * 1001), "more than 1,000 rows"),
    "not text": (b"\x7fELF\0\0\0", "not text"),
    "a quotation mark left open": (csv_of([CELLS]).read() + b'x,"y', "begins on line 3"),
    "several sheets, none called Claims": (
        workbook([CELLS], lambda book: book.create_sheet("Notes"), title="Mine"),
        "has 2 sheets. Call the one that is meant “Claims”",
    ),
    "a hidden sheet of claims": (
        workbook([CELLS], lambda book: (book.create_sheet("Notes"), setattr(book["Claims"], "sheet_state", "hidden"))),
        "The sheet “Claims” is hidden",
    ),
    "a password": (locked(BOOK), "protected by a password"),
    "a workbook cut off": (BOOK[: len(BOOK) // 2], "damaged or incomplete"),
    "macros": (repacked(BOOK, lambda _, part: part, **{"xl/vbaProject.bin": b"x"}), "contains macros"),
    "a bomb": (BOMB, "unpacks to more"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_sheet_is_refused_as_a_whole(what):
    content, words = REFUSED[what]
    with pytest.raises(TableRefused, match=words):
        read(content)


def test_control_the_bomb_is_small_and_read_without_the_bound(monkeypatch):
    assert len(BOMB) < 100_000
    monkeypatch.setattr(reading, "UNPACKED_AT_MOST", 64 * 1024 * 1024)
    assert cells(read(BOMB)) == [CELLS]


def test_as_many_rows_as_may_be_are_read():
    assert len(read(csv_of([CELLS] * 1000))) == 1000
