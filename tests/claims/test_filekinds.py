"""Which uploads are taken and which are refused, for what reason (POE-2, U01-U07, U09)."""

import io
import struct
import zipfile
import zlib

import pytest

from claims.filekinds import ALLOWED, FileRefused, inspect
from claims.filekinds.refusals import SENTENCES

from . import compound_files as cfb
from . import documents as doc

MACROS = {"_VBA_PROJECT_CUR/VBA/dir": b"macro"}
JAVASCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"

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
PDF, WORD, EXCEL, SLIDES = VALID[".pdf"], VALID[".docx"], VALID[".xlsx"], VALID[".pptx"]


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
    "text about scripts in an uncompressed PDF": (".pdf", doc.pdf_document(compressed=False)),
    "PDF with packed objects": (".pdf", doc.pdf(doc.packed_objects(b"<</Type/Font>>", b"[1 2 3]"))),
    "PDF saved twice": (".pdf", PDF + PDF[9:].replace(b"startxref\n", b"startxref\n")[-40:]),
    "PDF that opens at a page": (".pdf", doc.pdf(catalog=b"/OpenAction[3 0 R/Fit]")),
    "Word with a date field": (".docx", doc.with_field(" DATE ", r"\@ d.M.yyyy")),
    "Word with a link to outside": (".docx", doc.with_relation(WORD, "word/_rels/document.xml.rels", "hyperlink", "https://contoso.com")),
    "Word with a part in UTF-16": (".docx", doc.changed(WORD, **{"customXml/item9.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")})),
    "Word with an archive of its own inside": (".doc", cfb.word_97(Theme=doc.package([("theme.xml", b"<a/>")]))),
    "Excel 5 workbook": (".xls", cfb.excel_97(cfb.sheet(b"Hours"), version=0x0500, name="Book")),
    "Excel workbook with add-in functions": (".xls", cfb.excel_97(cfb.record(0x01AE, b"\x01\x00\x01\x3a"), cfb.record(0x01AE, b"\x03\x00\x01\x04"))),
    "presentation with a packed drawing": (".ppt", cfb.powerpoint_97(cfb.packed_storage({"CONTENTS": b"picture"}))),
    "message with an archive attached": (".msg", cfb.outlook_message(**cfb.attachment("photos.zip", b"PK\x03\x04"))),
    "message of 7 MB, with an indirect sector table": (".msg", cfb.outlook_message(**cfb.attachment("photo.jpg", b"\xff\xd8" + bytes(6_000_000)))),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_harmless_peculiarities_are_taken(case):
    extension, content = TAKEN[case]

    assert reason(content, f"report{extension}") == ""


# --- what is refused ---


def disguised(name: bytes) -> bytes:
    return b"".join(b"#%02x" % letter for letter in name)


HIDDEN_SCRIPT = doc.packed_objects(b"<</Type/Font>>", JAVASCRIPT)
PDFS = {
    "something before the header": ("mixed", b"GIF89a" + PDF),
    "not a PDF": ("mismatch", b"GIF89a" + bytes(2000)),
    "an unknown version": ("mismatch", PDF.replace(b"%PDF-1.3", b"%PDF-9.9")),
    "an archive after the end": ("mixed", PDF + doc.package([("a.txt", b"hello")])),
    "an archive that ends in the PDF's end": ("mixed", PDF + doc.package([("a.txt", b"x")], comment=b"\nstartxref\n0\n%%EOF\n")),
    "data after the end": ("damaged", PDF + b"MZ\x90\x00" * 10),
    "half the file": ("damaged", PDF[: len(PDF) // 2]),
    "an end that points elsewhere": ("damaged", doc.pdf().replace(b"startxref\n", b"startxref\n1")),
    "no catalogue": ("damaged", doc.pdf().replace(b"/Root", b"/Toor")),
    "much before the first object": ("mixed", doc.pdf().replace(b"1 0 obj", b"<script></script>" * 200 + b"1 0 obj", 1)),
    "a script": ("active", doc.pdf(JAVASCRIPT, catalog=b"/OpenAction 4 0 R")),
    "a script with a disguised name": ("active", doc.pdf(JAVASCRIPT.replace(b"/JavaScript", b"/J#61vaScript"))),
    "a script with a name all in disguise": ("active", doc.pdf(JAVASCRIPT.replace(b"JavaScript", disguised(b"JavaScript")))),
    "a script in a packed object": ("active", doc.pdf(HIDDEN_SCRIPT)),
    "a disguised name in a packed object": ("active", doc.pdf(doc.packed_objects(JAVASCRIPT.replace(b"Java", b"#4a#61va")))),
    "packed objects that do not say so": ("active", doc.pdf(doc.packed_objects(JAVASCRIPT, dictionary=b"/Filter/FlateDecode"))),
    "packed objects, packed twice": ("active", doc.pdf(HIDDEN_SCRIPT.replace(b"/FlateDecode", b"[/ASCIIHexDecode/FlateDecode]"))),
    "packed objects of a disguised kind": ("active", doc.pdf(HIDDEN_SCRIPT.replace(b"/ObjStm", b"/Obj#53tm"))),
    "packed objects of a kind written elsewhere": ("active", doc.pdf(HIDDEN_SCRIPT.replace(b"/ObjStm", b" 5 0 R"), b"/ObjStm")),
    "packed objects with a comment between": ("active", doc.pdf(HIDDEN_SCRIPT.replace(b"/Filter", b"%\n/Filter"))),
    "packed objects cut off": ("damaged", doc.pdf(doc.pdf_stream(zlib.compress(b"1 0 <<>>")[:-8], b"/Type/ObjStm/Filter/FlateDecode"))),
    "a kind of action written elsewhere": ("active", doc.pdf(b"<</S % see\n 5 0 R>>", b"null")),
    "a command": ("active", doc.pdf(b"<</S/Launch/F(cmd.exe)>>")),
    "a command beside a string": ("active", doc.pdf(b"<</A(\\))/S/Launch/F(cmd.exe)>>")),
    "a form that sends itself": ("active", doc.pdf(b"<</S/SubmitForm/F(https://contoso.com)>>")),
    "a form in XML": ("active", doc.pdf(b"<</XFA 5 0 R>>", b"null")),
    "a jump to another file": ("active", doc.pdf(rb"<</S/GoToE/F(\\\\server\\share)>>")),
    "media": ("active", doc.pdf(b"<</Type/Annot/Subtype/RichMedia>>")),
    "an attached file": ("embedded", doc.pdf(catalog=b"/Names<</EmbeddedFiles 4 0 R>>")),
    "a pinned file": ("embedded", doc.pdf(b"<</Type/Annot/Subtype/FileAttachment>>")),
    "encryption": ("password", doc.pdf(b"<</Filter/Standard/V 2>>", trailer=b"/Encrypt 4 0 R")),
    "a bomb": ("too_complex", doc.pdf(doc.packed_objects(b" " * 40_000_000))),
    "doubtful names without end": ("too_complex", doc.pdf(b"(/Launch)" * 110_000)),
    "streams without end": ("too_complex", doc.pdf(b"stream\n" * 110_000)),
}

DTD = b'<!DOCTYPE w [<!ENTITY lol "lol"><!ENTITY x SYSTEM "http://127.0.0.1:11099/x">]>'
RELATIONS = "word/_rels/document.xml.rels"
WORD_MAIN = b"wordprocessingml.document.main+xml"
SETTINGS = "word/settings.xml"
LINK = b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'


def with_type(document: bytes, content_type: str) -> bytes:
    override = f'<Override PartName="/x" ContentType="{content_type}"/></Types>'.encode()
    return doc.replaced(document, "[Content_Types].xml", b"</Types>", override)


def with_part(document: bytes, name: str, content: bytes) -> bytes:
    return doc.changed(document, **{name: content})


def with_doctype(document: bytes, part: str) -> bytes:
    return doc.replaced(document, part, b"?>", b"?>" + DTD)


def patched(content: bytes, place: int, value: bytes) -> bytes:
    return content[:place] + value + content[place + len(value) :]


CENTRAL = WORD.rindex(b"PK\x01\x02", 0, WORD.index(b"PK\x01\x02") + 4)
OPEN_XML = {
    "Excel under the name of Word": ("mismatch", EXCEL),
    "PowerPoint under the name of Word": ("mismatch", SLIDES),
    "a plain archive": ("damaged", doc.package([("a.txt", b"hello")])),
    "an archive without a main part": ("damaged", doc.changed(WORD, **{"word/document.xml": None})),
    "a template": ("mismatch", doc.replaced(WORD, "[Content_Types].xml", WORD_MAIN, b"wordprocessingml.template.main+xml")),
    "macros": ("macros", with_part(WORD, "word/vbaProject.bin", b"x")),
    "macros by their type": ("macros", with_type(WORD, "application/vnd.ms-office.vbaProject")),
    "macros by their relation": ("macros", doc.with_relation(WORD, RELATIONS, "vbaProject", "other.bin", "Internal")),
    "macros by their content": ("macros", with_part(WORD, "word/media/x.png", cfb.compound({"VBA/_VBA_PROJECT": b"x"}))),
    "macros in a workbook inside": ("macros", with_part(WORD, "word/embeddings/x.xlsx", doc.package([("xl/vbaProject.bin", b"")]))),
    "a main part for macros": ("macros", doc.replaced(WORD, "[Content_Types].xml", b"vnd.openxmlformats-officedocument." + WORD_MAIN, b"vnd.ms-word.document.macroEnabled.main+xml")),
    "a control": ("active", with_type(WORD, "application/vnd.ms-office.activeX+xml")),
    "a packaged file": ("embedded", with_part(WORD, "word/embeddings/o.bin", cfb.compound({"\x01Ole10Native": b"x"}))),
    "a program": ("embedded", with_part(WORD, "word/media/image.png", b"MZ" + bytes(200))),
    "a page of another kind": ("embedded", doc.with_relation(WORD, RELATIONS, "aFChunk", "page.html", "Internal")),
    "a template from elsewhere": ("external", doc.with_relation(WORD, RELATIONS, "attachedTemplate", "http://127.0.0.1:11099/t.dotm")),
    "a picture from elsewhere": ("external", doc.with_relation(WORD, RELATIONS, "image", "http://127.0.0.1:11099/p.png")),
    "a picture said to be inside": ("external", doc.with_relation(WORD, RELATIONS, "image", r"\\127.0.0.1\p.png", "Internal")),
    "a field that starts a program": ("external", doc.with_field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"')),
    "a field in pieces": ("external", doc.with_field(" D", "DE", "AUTO cmd")),
    "a field in an attribute": ("external", doc.replaced(WORD, "word/document.xml", b"</w:body>", b'<w:p><w:fldSimple w:instr="DDE cmd"/></w:p></w:body>')),
    "a document type": ("external", with_doctype(WORD, "word/document.xml")),
    "a document type among the types": ("external", with_doctype(WORD, "[Content_Types].xml")),
    "a document type in UTF-16": ("external", with_part(WORD, "customXml/x.xml", f'<?xml version="1.0" encoding="utf-16"?>{DTD.decode()}<w/>'.encode("utf-16"))),
    "a document type in a part of another name": ("external", with_part(WORD, "word/media/x.png", DTD + b"<w/>")),
    "an unknown encoding": ("damaged", with_part(WORD, "customXml/x.xml", b'<?xml version="1.0" encoding="utf-7"?><w/>')),
    "a broken part": ("damaged", with_part(WORD, SETTINGS, b"<w:settings")),
    "a password": ("password", doc.with_password(WORD)),
    "a password on one part": ("password", patched(WORD, CENTRAL + 8, b"\x01")),
    "an unusual packing": ("damaged", doc.package(doc.parts(WORD).items(), packing=zipfile.ZIP_BZIP2)),
    "something before": ("mixed", b"GIF89a" + WORD),
    "something after": ("damaged", WORD + b"%PDF-1.7"),
    "a comment": ("mixed", doc.package(doc.parts(WORD).items(), comment=b"MZ")),
    "half the file": ("damaged", WORD[: len(WORD) // 2]),
    "the same name twice": ("damaged", doc.package([*doc.parts(WORD).items(), ("WORD/document.xml", b"<a/>")])),
    "a name that climbs": ("damaged", with_part(WORD, "../x.xml", b"<a/>")),
    "an old Word file": ("mismatch", VALID[".doc"]),
    "no archive": ("mismatch", b"hello" * 100),
    "a bomb": ("too_complex", with_part(WORD, "word/media/x.bmp", bytes(60_000_000))),
    "parts without end": ("too_complex", doc.package([(f"{number}", b"") for number in range(10_001)])),
    "depth without end": ("too_complex", with_part(WORD, "word/document.xml", b"<a>" * 1_100)),
    "a prologue without end": ("too_complex", with_part(WORD, "word/x.xml", b"<!--" + b"-" * 200_000)),
    "an attribute without end": ("too_complex", with_part(WORD, "word/document.xml", b'<a a="' + b"x" * 1_300_000)),
}  # fmt: skip

OLD_OFFICE = {
    "Excel under the name of Word": (".doc", "mismatch", VALID[".xls"]),
    "Word under the name of Excel": (".xls", "mismatch", VALID[".doc"]),
    "a message under the name of PowerPoint": (".ppt", "mismatch", VALID[".msg"]),
    "Word under the name of a message": (".msg", "mismatch", VALID[".doc"]),
    "two documents at once": (".doc", "mismatch", cfb.word_97(Workbook=b"x")),
    "today's Word under the old name": (".doc", "mismatch", WORD),
    "a web page": (".xls", "mismatch", b"<html><table></table></html>"),
    "Word with macros": (".doc", "macros", cfb.word_97(**{"Macros/VBA/dir": b"x"})),
    "Word with macros elsewhere": (".doc", "macros", cfb.word_97(**{"ObjectPool/_1/_VBA_PROJECT": b"x"})),
    "Word with a packaged file": (".doc", "embedded", cfb.word_97(**{"ObjectPool/_1/\x01Ole10Native": b"x"})),
    "Word with a password": (".doc", "password", cfb.word_97(flags=0x0300)),
    "Word with a field that starts a program": (".doc", "external", cfb.word_97(b"\x13 DDEAUTO cmd \x15")),
    "Word with such a field in Unicode": (".doc", "external", cfb.word_97("\x13 DDEAUTO cmd \x15".encode("utf-16-le"))),
    "Word 95": (".doc", "mismatch", cfb.word_97(mark=0xA5DC)),
    "Word without its table": (".doc", "damaged", cfb.word_97(flags=0)),
    "Excel with macros": (".xls", "macros", cfb.excel_97(**MACROS)),
    "Excel with a macro sheet": (".xls", "macros", cfb.excel_97(cfb.sheet(b"Macro1", 1))),
    "Excel with a password": (".xls", "password", cfb.excel_97(cfb.record(0x002F, b"\x01\x00"))),
    "Excel with figures of another workbook": (".xls", "external", cfb.excel_97(cfb.supporting_book(b"\x01C:\\other.xls"))),
    "Excel that starts a program": (".xls", "external", cfb.excel_97(cfb.supporting_book(b"cmd\x03/c calc"))),
    "Excel 5 that starts a program": (".xls", "external", cfb.excel_97(cfb.record(0x0017, b"\x0ccmd\x03/c calc"), version=0x0500, name="Book")),
    "Excel without a beginning": (".xls", "damaged", cfb.compound({"Workbook": bytes(5000)})),
    "Excel with a sheet cut off": (".xls", "damaged", cfb.excel_97(cfb.record(0x0085, b"\x00"))),
    "PowerPoint with a password": (".ppt", "password", cfb.powerpoint_97(mark=0xF3D1C4DF)),
    "PowerPoint with an encrypted summary": (".ppt", "password", cfb.powerpoint_97(EncryptedSummary=b"x")),
    "PowerPoint with packed macros": (".ppt", "macros", cfb.powerpoint_97(cfb.packed_storage({"VBA/_VBA_PROJECT": b"x" * 9000}))),
    "PowerPoint with a packed file": (".ppt", "embedded", cfb.powerpoint_97(cfb.packed_storage({"\x01Ole10Native": b"x"}))),
    "PowerPoint without its user": (".ppt", "damaged", cfb.compound({"PowerPoint Document": b"x"})),
    "a message with a program": (".msg", "attachment", cfb.outlook_message(**cfb.attachment("Invoice.pdf.exe ", b"x"))),
    "a message with a program under another name": (".msg", "attachment", cfb.outlook_message(**cfb.attachment("invoice.pdf", b"MZ\x90"))),
    "a message with macros for Word": (".msg", "attachment", cfb.outlook_message(**cfb.attachment("a.docx", with_part(WORD, "word/vbaProject.bin", b"")))),
    "a message with macros for Excel": (".msg", "attachment", cfb.outlook_message(**cfb.attachment("a.xls", cfb.excel_97(**MACROS)))),
    "a message without names": (".msg", "damaged", cfb.compound({"__properties_version1.0": bytes(40)})),
    "an archive after the end": (".doc", "mixed", VALID[".doc"] + doc.package([("a.txt", b"x")])),
    "much after the end": (".doc", "mixed", VALID[".doc"] + b"x" * 70_000),
    "half the file": (".doc", "damaged", VALID[".doc"][: len(VALID[".doc"]) // 2]),
    "the header alone": (".doc", "damaged", VALID[".doc"][:512]),
    "a table that goes in circles": (".doc", "damaged", patched(VALID[".doc"], len(VALID[".doc"]) - 512, struct.pack("<8L", *[0] * 8))),
    "a table without end": (".doc", "damaged", patched(VALID[".doc"], 44, b"\xff\xff\xff\x7f")),
    "an indirect table without end": (".doc", "damaged", patched(VALID[".doc"], 72, b"\xff\xff\xff\x7f")),
    "names without end": (".msg", "too_complex", cfb.outlook_message(**{f"s{number}": b"" for number in range(8_100)})),
}  # fmt: skip


@pytest.mark.parametrize("case", PDFS)
def test_a_pdf_is_refused_for(case):
    code, content = PDFS[case]

    assert reason(content, "invoice.pdf") == code


@pytest.mark.parametrize("case", OPEN_XML)
def test_a_word_document_is_refused_for(case):
    code, content = OPEN_XML[case]

    assert reason(content, "report.docx") == code


@pytest.mark.parametrize("case", OLD_OFFICE)
def test_an_old_office_file_is_refused_for(case):
    extension, code, content = OLD_OFFICE[case]

    assert reason(content, f"report{extension}") == code


@pytest.mark.parametrize("extension", VALID)
def test_an_empty_file_is_refused_as_empty(extension):
    assert reason(b"", f"report{extension}") == "empty"


@pytest.mark.parametrize("name", ["report", "report.exe", "report.docm", "report.pdf.exe", "report.zip", "pdf", "", "report.pdf\u202etxt"])
def test_other_names_are_refused_whatever_the_content(name):
    assert reason(PDF, name) == "kind"


@pytest.mark.parametrize("extension", [".xlsx", ".pptx"])
def test_links_to_other_workbooks_and_macro_sheets_are_refused(extension):
    document = VALID[extension]

    assert reason(with_type(document, "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"), f"a{extension}") == "external"
    assert reason(with_type(document, "application/vnd.ms-excel.macrosheet+xml"), f"a{extension}") == "macros"


def test_every_refusal_has_a_sentence_of_its_own():
    used = {case[-2] for table in (PDFS, OPEN_XML) for case in table.values()} | {case[1] for case in OLD_OFFICE.values()}

    assert used | {"empty", "kind", "malware", "unscanned"} == set(SENTENCES)
    assert len({FileRefused(code).message._args for code in SENTENCES}) == len(SENTENCES)
