"""Which uploads are taken and which are refused, and for what reason (POE-2, U01-U07, U09)."""

import hashlib
import io
import struct
import time
import unicodedata
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from incentives.filekinds import ALLOWED, FileRefused, clean_name, inspect
from incentives.filekinds.refusals import SENTENCES

from . import compound_files as cfb
from . import documents as doc
from .hostile_documents import OLD_OFFICE, OPEN_XML
from .hostile_pdfs import PDFS

VALID = {
    ".pdf": doc.pdf_document(),
    ".ppt": cfb.powerpoint_97(),
    ".pptx": doc.powerpoint_presentation(),
    ".doc": cfb.word_97(),
    ".docx": doc.word_document(),
    ".msg": cfb.outlook_message(**cfb.attachment("report.pdf", doc.pdf_document())),
    ".xls": cfb.excel_97(cfb.sheet(b"Hours")),
    ".xlsx": doc.excel_workbook(),
}
PDF, WORD = VALID[".pdf"], VALID[".docx"]
MB = 1024 * 1024


LINKS = "word/_rels/document.xml.rels"
UTF_16 = '<?xml version="1.0" encoding="utf-16"?><item/>'.encode("utf-16")
OWN_BOOKS = (cfb.record(0x01AE, b"\x01\x00\x01\x3a"), cfb.record(0x01AE, b"\x03\x00\x01\x04"))
PACKED_ZEROS = struct.pack("<HHLL", 0x10, 0x1011, 9, 1 << 30) + zlib.compress(bytes(20 * MB))
PICTURE = zlib.compress(bytes(10 * MB))


def reason(content: bytes, name: str) -> str:
    """The code for which a file is refused, or an empty string."""
    try:
        inspect(io.BytesIO(content), name)
    except FileRefused as refusal:
        return refusal.code
    return ""


# --- what is taken ---


def test_exactly_the_eight_kinds_of_the_guide_are_allowed():
    assert [kind.extension for kind in ALLOWED] == [*VALID]


@pytest.mark.parametrize("extension", VALID)
def test_a_real_document_of_each_kind_is_taken(extension):
    kind = inspect(io.BytesIO(VALID[extension]), f"Report{extension.upper()}")

    assert (kind.extension, reason(VALID[extension], f"report{extension}")) == (extension, "")


TAKEN = {
    "text about scripts in an uncompressed PDF": (".pdf", lambda: doc.pdf_document(compressed=False)),
    "PDF with packed objects": (".pdf", lambda: doc.pdf(doc.packed_objects(b"<</Type/Font>>", b"[1 2 3]"))),
    "PDF that opens at a page": (".pdf", lambda: doc.pdf(catalog=b"/OpenAction[3 0 R/Fit]")),
    "PDF with blank lines at the end": (".pdf", lambda: PDF + b"\r\n\0\n"),
    "PDF with large pictures": (".pdf", lambda: doc.pdf(*[doc.pdf_stream(PICTURE)] * 40)),
    "Word with a date field": (".docx", lambda: doc.with_field(" DATE ", r"\@ d.M.yyyy")),
    "Word with two fields": (".docx", lambda: doc.with_field("DE LETTER", document=doc.with_field("D"))),
    "Word with a link": (".docx", lambda: doc.with_relation(WORD, LINKS, "hyperlink", "https://contoso.com")),
    "Word with a part in UTF-16": (".docx", lambda: doc.changed(WORD, **{"customXml/item9.xml": UTF_16})),
    "Word with its theme as an archive": (
        ".doc",
        lambda: cfb.word_97(Theme=doc.package([("t.xml", b"<a/>")])),
    ),
    "Excel 5": (".xls", lambda: cfb.excel_97(cfb.sheet(b"Hours"), version=0x0500, name="Book")),
    "Excel with add-in functions": (".xls", lambda: cfb.excel_97(*OWN_BOOKS)),
    "slides with a drawing": (
        ".ppt",
        lambda: cfb.powerpoint_97(cfb.packed_storage({"CONTENTS": b"drawing"})),
    ),
    "message with an archive": (
        ".msg",
        lambda: cfb.outlook_message(**cfb.attachment("a.zip", b"PK\x03\x04")),
    ),
    "message of 9 MB": (".msg", lambda: cfb.outlook_message(**cfb.attachment("a.jpg", bytes(9 * MB)))),
}


@pytest.mark.parametrize("case", TAKEN)
def test_harmless_peculiarities_are_taken(case):
    extension, make = TAKEN[case]

    assert reason(make(), f"report{extension}") == ""


# --- what is refused ---


@pytest.mark.parametrize("case", PDFS)
def test_a_pdf_is_refused_for(case):
    code, make = PDFS[case]

    assert reason(make(), "invoice.pdf") == code


@pytest.mark.parametrize("case", OPEN_XML)
def test_a_word_document_is_refused_for(case):
    code, make = OPEN_XML[case]

    assert reason(make(), "report.docx") == code


@pytest.mark.parametrize("case", OLD_OFFICE)
def test_an_old_office_file_is_refused_for(case):
    extension, code, make = OLD_OFFICE[case]

    assert reason(make(), f"report{extension}") == code


@pytest.mark.parametrize("extension", VALID)
def test_an_empty_file_is_refused_as_empty(extension):
    assert reason(b"", f"report{extension}") == "empty"


@pytest.mark.parametrize(
    "name",
    ["report", "report.exe", "report.docm", "report.pdf.exe", "report.zip", "pdf", "", "report.pdf\u202etxt"],
)
def test_other_names_are_refused_whatever_the_content(name):
    assert reason(PDF, name) == "kind"


@pytest.mark.parametrize("extension", [".xlsx", ".pptx"])
def test_figures_of_other_workbooks_and_macro_sheets_are_refused(extension):
    linked = doc.with_type(
        VALID[extension], "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    )
    macros = doc.with_type(VALID[extension], "application/vnd.ms-excel.macrosheet+xml")

    assert (reason(linked, f"a{extension}"), reason(macros, f"a{extension}")) == ("external", "macros")


def test_every_refusal_has_a_sentence_of_its_own():
    used = {code for table in (PDFS, OPEN_XML) for code, _ in table.values()} | {
        code for _, code, _ in OLD_OFFICE.values()
    }

    assert used | {"empty", "kind", "malware", "unscanned"} == set(SENTENCES)
    assert len({str(FileRefused(code).message) for code in SENTENCES}) == len(SENTENCES)


# --- whatever the bytes are ---


@pytest.mark.parametrize("extension", VALID)
@effort(max_examples=60, deadline=None)
@given(data=some.data())
def test_a_damaged_document_is_taken_or_refused_and_nothing_else(extension, data):
    content = bytearray(VALID[extension])
    for place in data.draw(some.lists(some.integers(0, len(content) - 1), max_size=6)):
        content[place] ^= 1 << data.draw(some.integers(0, 7))
    end = data.draw(some.integers(0, len(content)))

    assert reason(bytes(content), f"a{extension}") in {"", *SENTENCES}
    assert reason(bytes(content[:end]), f"a{extension}") in {"", *SENTENCES}


@pytest.mark.parametrize("start", [b"", b"%PDF-1.7\n1 0 obj", b"PK\x03\x04", cfb.MAGIC + cfb.word_97()[8:76]])
@effort(max_examples=60, deadline=None)
@given(rest=some.binary(max_size=4096), extension=some.sampled_from([*VALID]))
def test_random_bytes_are_refused(start, rest, extension):
    assert reason(start + rest, f"a{extension}") in SENTENCES


@pytest.mark.parametrize("extension", VALID)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_an_upload_that_was_cut_off_is_refused(extension, share):
    content = VALID[extension]

    assert reason(content[: int(len(content) * share)], f"a{extension}") != ""


HEAVY = {
    "noise": (".pdf", "", lambda: doc.pdf(doc.pdf_stream(hashlib.shake_256(b"noise").digest(24 * MB), b""))),
    "names": (".pdf", "too_complex", lambda: doc.pdf(doc.pdf_stream(b"/S " * (8 * MB), b""))),
    "packed names": (".pdf", "too_complex", lambda: doc.pdf(doc.packed_objects(b"/E" * (16 * MB)))),
    "elements": (
        ".docx",
        "too_complex",
        lambda: doc.changed(WORD, **{"word/document.xml": b"<a>" + b"<b/>" * 2 * MB}),
    ),
    "zeros": (".docx", "too_complex", lambda: doc.changed(WORD, **{"word/media/a.bmp": bytes(250 * MB)})),
    "records": (".xls", "too_complex", lambda: cfb.excel_97(cfb.record(1) * (6 * MB))),
    "packed objects": (".ppt", "too_complex", lambda: cfb.powerpoint_97(PACKED_ZEROS * 200)),
    "objects": (".ppt", "too_complex", lambda: cfb.powerpoint_97(PACKED_ZEROS[:14] * MB)),
    "attachments": (".msg", "", lambda: cfb.outlook_message(**cfb.attachment("a.jpg", bytes(24 * MB)))),
}


def memory(figure: str) -> int:
    """A figure of this process from the kernel, in bytes: VmRSS now, VmHWM at its highest."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[figure].split()[0]) * 1024


@pytest.mark.parametrize("case", HEAVY)
def test_the_heaviest_files_take_less_than_two_seconds_and_100_mb(case):
    extension, code, make = HEAVY[case]
    content = make()
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest figure so far
    before, begun = memory("VmRSS"), time.process_time()

    found = reason(content, f"a{extension}")

    spent, grown = time.process_time() - begun, memory("VmHWM") - before
    assert (found, spent < 2, grown < 100 * MB) == (code, True, True), f"{spent:.1f} s, {grown / MB:.0f} MB"


# --- names ---


NAMES = {
    "report.pdf": "report.pdf",
    "../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\system.ini.doc": "system.ini.doc",
    "C:\\Users\\me\\report.docx": "report.docx",
    "/absolute/report.pdf": "report.pdf",
    "folder/": "folder",
    "report\u202efdp.exe": "reportfdp.exe",
    "in\u200bvoi\u200dce\ufeff.pdf": "invoice.pdf",
    "\u3164\u2800.pdf": "document.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "a Set-Cookie_ x=1.pdf",
    "nul\0byte.pdf": "nulbyte.pdf",
    "report.pdf\0.exe": "report.pdf.exe",
    "report.pdf. . ": "report.pdf",
    "report.pdf::$DATA": "report.pdf__$DATA",
    ".htaccess.pdf": "htaccess.pdf",
    '"><script>alert(1)</script>.pdf': "script_.pdf",
    "con.pdf": "_con.pdf",
    "beacon.pdf": "beacon.pdf",
    "re\u0301sume\u0301.pdf": "r\u00e9sum\u00e9.pdf",
    "\ud800lone.pdf": "lone.pdf",
    "": "document",
    "x" * 300 + ".docx": "x" * 194 + ".docx",
    "\u8acb\u6c42\u66f8 (\U0001f4c4).xlsx": "\u8acb\u6c42\u66f8 (\U0001f4c4).xlsx",
    "a;b=c%0d%0a'\u2028.pdf": "a;b=c%0d%0a'.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_shown_as_what_it_is(name):
    assert clean_name(name) == NAMES[name]


@given(name=some.text(max_size=300))
def test_a_clean_name_stays_clean(name):
    clean = clean_name(name)

    assert 0 < len(clean) <= 200
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in clean)
    assert not set(clean) & set('/\\<>:"|?*')
    assert (clean_name(clean), unicodedata.normalize("NFC", clean)) == (clean, clean)
