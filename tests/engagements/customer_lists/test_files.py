"""What is read from a file, and what every bad file is answered with."""

from dataclasses import dataclass, field
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagements import customer_ids
from engagements.customer_lists.rows import RowCheck, check_header
from engagements.models import IdKind
from incentives.management.bench import list_files
from incentives.tables import opened, workbook
from incentives.tables.refusals import RowRefused, TableRefused

from .files import (
    HEADER,
    ROWS,
    TENANT,
    bomb,
    csv_bytes,
    excel_bytes,
    hidden_row,
    hidden_sheet,
    in_sheet,
    locked,
    repacked,
    xlsx_bytes,
)

CHECK = RowCheck([IdKind.DOMAIN, IdKind.TENANT, IdKind.TPID, IdKind.OPPORTUNITY])
STORED = ["domain\tcontoso.com", f"tenant\t{TENANT}"]


@dataclass
class Found:
    stored: list[str] = field(default_factory=list)
    bad: list[tuple[int, str, str]] = field(default_factory=list)


def read(content: bytes) -> Found:
    """Everything in a file, as the background job reads it."""
    name = "list.xlsx" if content.startswith((b"PK", b"\xd0\xcf")) else "list.csv"
    source = opened(name, BytesIO(content), columns=2)
    rows, found = source.rows(), Found()
    _line, header, trouble = next(rows, (1, [], ""))
    check_header(header)
    assert not trouble
    for line, cells, trouble in rows:
        try:
            if trouble:
                raise RowRefused("", trouble)
            if row := CHECK.stored(cells):
                found.stored.append(row)
        except RowRefused as refusal:
            found.bad.append((line, refusal.found, refusal.advice))
    assert source.share() == 1
    return found


TEXT = csv_bytes().decode()
GOOD = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with its mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "semicolons": csv_bytes(by=";"),
    "tabs": csv_bytes(by="\t"),
    "old Mac line ends": TEXT.replace("\r\n", "\r").encode(),
    "no last line end": TEXT.rstrip().encode(),
    "everything quoted": csv_bytes([[f'"{cell}"' for cell in row] for row in ROWS]),
    "codes, capitals and blanks": csv_bytes([("domain", " Contoso.COM "), ("TENANT id", TENANT.upper())]),
    "empty cells at the end": csv_bytes(header=(*HEADER, "", ""), rows=[(*row, "", "") for row in ROWS]),
    "empty rows": csv_bytes([("", ""), *ROWS, ("", "")]) + b"\r\n",
    "a workbook": xlsx_bytes(),
    "a workbook with prefixes": repacked(
        xlsx_bytes(),
        lambda name, part: (
            part.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"xmlns=", b"xmlns:x=")
            if name.endswith(("sheet1.xml", "sharedStrings.xml"))
            else part
        ),
    ),
    "a workbook as Excel saves it": excel_bytes(),
    "a workbook with an empty row": xlsx_bytes([ROWS[0], (None, None), ROWS[1]]),
}


@pytest.mark.parametrize("how", GOOD)
def test_a_list_is_read_whichever_way_it_was_saved(how):
    assert read(GOOD[how]) == Found(stored=STORED)


def test_long_files_of_the_benchmark_are_read_to_their_last_row(tmp_path):
    customers = list(list_files.some_customers(5000))
    for write in (list_files.csv_file, list_files.workbook):
        found = read(write(tmp_path, customers).read_bytes())
        assert found.stored == [f"{code}\t{value}" for _label, code, value in customers]
        assert found.bad == []


def test_numbers_in_cells_are_read_as_excel_shows_them():
    rows = [("TPID", 4983154), ("TPID", 4983154.0), ("TPID", "0004983154")]
    assert read(xlsx_bytes(rows)).stored == ["tpid\t4983154"] * 3
    spelled = repacked(xlsx_bytes(rows[:1]), in_sheet(b"<v>4983154</v>", b"<v>4.983154E6</v>"))
    assert read(spelled).stored == ["tpid\t4983154"]


def test_an_id_that_was_made_harmless_for_spreadsheets_is_read_as_it_is():
    assert read(csv_bytes([("Opportunity ID", "'-12345")])).stored == ["opportunity\t-12345"]


def test_a_shared_text_is_read_without_how_it_is_spoken():
    spoken = b"<si><t>Domain name</t><rPh sb='0' eb='1'><t>domeen</t></rPh></si>"
    content = repacked(EXCEL, lambda name, part: part.replace(b"<si><t>Domain name</t></si>", spoken))
    assert len(content) > len(EXCEL)
    assert read(content).stored == STORED


BAD_ROWS = {
    "no such type": (("Client", TENANT), "Client", "not a type of customer ID. Write one of: Domain name, Tenant"),
    "a type that is not allowed": (("Azure subscription ID", TENANT), "Azure subscription ID", "does not take"),
    "no ID": (("Domain name", ""), "Domain name", "The customer ID is missing"),
    "no type": (("", "contoso.com"), "", "not a type of customer ID"),
    "one cell too many": (("TPID", "1", "x"), "TPID | 1 | x", "3 cells instead of two"),
    "an address": (("Domain name", "https://contoso.com"), "https://contoso.com", "without “https://”"),
    "a short GUID": (("Tenant ID", "72f988bf"), "72f988bf", "five groups"),
    "a formula": (("Domain name", '=HYPERLINK("x")'), '=HYPERLINK("x")', "This is a formula"),
    "a NUL": (("Domain name", "contoso\0.com"), "contoso\ufffd.com", "mixes encodings"),
    "over-long": (("Domain name", "a" * 5000), "a" * 119 + "…", "not a domain"),
    "a line end in an ID": (("Domain name", '"contoso\n.com"'), "contoso\n.com", "without a path, port or spaces"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_named_with_what_to_write_instead(what):
    row, shown, advice = BAD_ROWS[what]
    found = read(csv_bytes([ROWS[0], row, ROWS[1]]))

    assert found.stored == STORED
    ((line, cell, said),) = found.bad
    assert (line, cell) == (3, shown)
    assert advice in said


def test_rows_are_counted_by_the_line_on_which_they_begin():
    rows = [("Domain name", '"a\nb"'), ("Domain name", "x"), ROWS[0]]
    assert [line for line, _found, _advice in read(csv_bytes(rows)).bad] == [2, 4]


def test_bytes_of_another_encoding_are_named_by_their_line():
    content = csv_bytes([ROWS[0], ("Domain name", "münchen.example")]).decode().encode("cp1252")
    ((line, found, advice),) = read(TEXT.encode() + content.split(b"\r\n", 2)[2]).bad
    assert (line, found) == (4, "m\ufffdnchen.example")
    assert "CSV UTF-8" in advice


def test_a_line_without_end_is_cut_and_refused_piece_by_piece():
    found = read(csv_bytes([("Domain name", "x" * 300_000), *ROWS]))
    assert found.stored == STORED
    assert len(found.bad) == 5


CELLS = {
    "a formula": ("=1+1", "Cell B2 holds a formula"),
    "a date": ("2026-11-21", "not a domain"),
    "a yes or no": (True, "Cell B2 holds a date, a yes or no, or an error"),
    "an error": ("#N/A", "Cell B2 holds a date, a yes or no, or an error"),
}


@pytest.mark.parametrize("what", CELLS)
def test_a_cell_that_holds_no_id_is_named(what):
    value, advice = CELLS[what]
    ((line, _found, said),) = read(xlsx_bytes([("Domain name", value)])).bad
    assert line == 2
    assert advice in said


def test_a_hidden_row_is_not_taken():
    ((line, _found, advice),) = read(xlsx_bytes(change=hidden_row)).bad
    assert (line, advice) == (3, "This row is hidden. Clear the filter and show it, or delete it.")


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'
ENDLESS = b"<x " + b"a" * 900_000 + b'="1"/><sheetData'
BOOK, EXCEL = xlsx_bytes(), excel_bytes()
REFUSED = {
    "another header": (csv_bytes(header=("ID", "Type")), "must name the two columns"),
    "no header": (csv_bytes(header=ROWS[0]), "It says: “Domain name”, “contoso.com”"),
    "a column twice": (csv_bytes(header=(*HEADER, HEADER[1])), "must name the two columns"),
    "columns the other way round": (csv_bytes(header=HEADER[::-1]), "in this order"),
    "a workbook with another header": (xlsx_bytes(header=("A", "B")), "It says: “A”, “B”"),
    "only line ends": (b"\r\n\r\n", "It says: nothing"),
    "not text": (b"\x7fELF\0\0\0", "not text"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "must name the two columns"),
    "UTF-16 without its mark": (TEXT.encode("utf-16-le"), "not text"),
    "UTF-32": (TEXT.encode("utf-32"), "not text"),
    "a quotation mark left open": (TEXT.encode() + b'Domain name,"contoso.com\r\n', "begins on line 4"),
    "a quotation mark inside": (TEXT.encode() + b'Domain name,"con"toso.com\r\n', "begins on line 4"),
    "a quotation mark left open in a long file": (
        TEXT.encode() + b'Domain name,"' + TEXT.encode() * 4000,
        "begins on line 4",
    ),
    "a workbook cut off": (BOOK[: len(BOOK) // 2], "damaged or incomplete"),
    "a workbook cut off just before its end": (BOOK[:-4], "damaged or incomplete"),
    "a workbook of nothing": (b"PK", "damaged or incomplete"),
    "a password": (locked(BOOK), "protected by a password"),
    "a hidden sheet": (xlsx_bytes(change=hidden_sheet), "The sheet “Prices” is hidden"),
    "two sheets": (xlsx_bytes(change=lambda book: book.create_sheet("Notes")), "has 2 sheets"),
    "macros": (repacked(BOOK, lambda _, part: part, **{"xl/vbaProject.bin": b"x"}), "contains macros"),
    "links": (repacked(BOOK, lambda _, part: part, **{"xl/externalLinks/externalLink1.xml": b"x"}), "other workbooks"),
    "another package": (repacked(BOOK, lambda _, part: part.replace(b"officeDocument", b"x")), "damaged"),
    "a document type": (repacked(BOOK, in_sheet(b"<worksheet", DOCTYPE)), "cannot be read"),
    "broken XML": (repacked(BOOK, in_sheet(b"</row>", b"</c>")), "cannot be read"),
    "rows that go back": (repacked(BOOK, in_sheet(b'<row r="3"', b'<row r="1"')), "cannot be read"),
    "a row of nowhere": (repacked(BOOK, in_sheet(b'<row r="3"', b'<row r="99999999999999999999"')), "cannot be read"),
    "a text that does not exist": (repacked(EXCEL, in_sheet(b"<v>0</v>", b"<v>999</v>")), "cannot be read"),
    "a text of another kind of number": (repacked(EXCEL, in_sheet(b"<v>0</v>", b"<v>-1</v>")), "cannot be read"),
    "a cell without end": (repacked(EXCEL, in_sheet(b"<v>0</v>", b"<v>" + b"1" * 100_000 + b"</v>")), "cannot be read"),
    "an element without end": (repacked(BOOK, in_sheet(b"<sheetData", ENDLESS)), "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_list_is_refused_as_a_whole(what):
    content, why = REFUSED[what]
    with pytest.raises(TableRefused, match=why):
        read(content)


def test_a_bomb_is_left_when_it_has_unpacked_too_much(monkeypatch):
    monkeypatch.setattr(workbook, "UNPACKED_AT_MOST", 4 * 1024 * 1024)
    content = bomb(8)
    assert len(content) < 50_000
    with pytest.raises(TableRefused, match="unpacks to more"):
        read(content)


def test_control_without_the_limit_the_bomb_is_read():
    assert read(bomb(8)) == Found(stored=STORED)


@given(st.sampled_from(list(IdKind)), st.text(st.sampled_from("abcwxn019.-AF{}_ é@/"), max_size=40))
def test_what_is_stored_as_it_comes_is_what_the_rules_make_of_it(kind, text):
    """The short way of a long list never takes what the wizard would change or refuse."""
    if customer_ids.STORED[kind].fullmatch(text):
        assert customer_ids.RULES[kind](text) == text
