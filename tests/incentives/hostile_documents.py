"""Office files that nobody should be able to upload: for each the reason of its refusal, and how it is made."""

import struct
import zipfile
from collections.abc import Callable

from .compound_files import (
    attachment,
    compound,
    excel_97,
    outlook_message,
    packed_storage,
    powerpoint_97,
    record,
    sheet,
    supporting_book,
    word_97,
)
from .documents import (
    Cases,
    changed,
    excel_workbook,
    package,
    parts,
    powerpoint_presentation,
    replaced,
    with_field,
    with_password,
    with_relation,
    with_type,
    word_document,
)

MACROS = {"_VBA_PROJECT_CUR/VBA/dir": b"macro"}


DTD = b'<!DOCTYPE w [<!ENTITY lol "lol"><!ENTITY x SYSTEM "http://127.0.0.1:11099/x">]>'
RELATIONS = "word/_rels/document.xml.rels"
WORD_MAIN = b"wordprocessingml.document.main+xml"


def with_part(name: str, content: bytes) -> bytes:
    return changed(word_document(), **{name: content})


def with_doctype(part: str) -> bytes:
    return replaced(word_document(), part, b"?>", b"?>" + DTD)


def patched(content: bytes, place: int, value: bytes) -> bytes:
    return content[:place] + value + content[place + len(value) :]


OPEN_XML: Cases = {
    "Excel under the name of Word": ("mismatch", lambda: excel_workbook()),
    "PowerPoint under the name of Word": ("mismatch", lambda: powerpoint_presentation()),
    "a plain archive": ("damaged", lambda: package([("a.txt", b"hello")])),
    "an archive without a main part": (
        "damaged",
        lambda: changed(word_document(), **{"word/document.xml": None}),
    ),
    "a template": (
        "mismatch",
        lambda: replaced(
            word_document(), "[Content_Types].xml", WORD_MAIN, b"wordprocessingml.template.main+xml"
        ),
    ),
    "macros": ("macros", lambda: with_part("word/vbaProject.bin", b"x")),
    "macros by their type": (
        "macros",
        lambda: with_type(word_document(), "application/vnd.ms-office.vbaProject"),
    ),
    "macros by their relation": (
        "macros",
        lambda: with_relation(word_document(), RELATIONS, "vbaProject", "other.bin", "Internal"),
    ),
    "macros by their content": (
        "macros",
        lambda: with_part("word/media/x.png", compound({"VBA/_VBA_PROJECT": b"x"})),
    ),
    "macros in a workbook inside": (
        "macros",
        lambda: with_part("word/embeddings/x.xlsx", package([("xl/vbaProject.bin", b"")])),
    ),
    "a main part for macros": (
        "macros",
        lambda: replaced(
            word_document(),
            "[Content_Types].xml",
            b"vnd.openxmlformats-officedocument." + WORD_MAIN,
            b"vnd.ms-word.document.macroEnabled.main+xml",
        ),
    ),
    "a control": ("active", lambda: with_type(word_document(), "application/vnd.ms-office.activeX+xml")),
    "a packaged file": (
        "embedded",
        lambda: with_part("word/embeddings/o.bin", compound({"\x01Ole10Native": b"x"})),
    ),
    "a program": ("embedded", lambda: with_part("word/media/image.png", b"MZ" + bytes(200))),
    "a page of another kind": (
        "embedded",
        lambda: with_relation(word_document(), RELATIONS, "aFChunk", "page.html", "Internal"),
    ),
    "a template from elsewhere": (
        "external",
        lambda: with_relation(
            word_document(), RELATIONS, "attachedTemplate", "http://127.0.0.1:11099/t.dotm"
        ),
    ),
    "a picture from elsewhere": (
        "external",
        lambda: with_relation(word_document(), RELATIONS, "image", "http://127.0.0.1:11099/p.png"),
    ),
    "a picture said to be inside": (
        "external",
        lambda: with_relation(word_document(), RELATIONS, "image", r"\\127.0.0.1\p.png", "Internal"),
    ),
    "a field that starts a program": (
        "external",
        lambda: with_field('DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc"'),
    ),
    "a field in pieces": ("external", lambda: with_field(" D", "DE", "AUTO cmd")),
    "a field in an attribute": (
        "external",
        lambda: replaced(
            word_document(),
            "word/document.xml",
            b"</w:body>",
            b'<w:p><w:fldSimple w:instr="DDE cmd"/></w:p></w:body>',
        ),
    ),
    "a document type": ("external", lambda: with_doctype("word/document.xml")),
    "a document type among the types": ("external", lambda: with_doctype("[Content_Types].xml")),
    "a document type in UTF-16": (
        "external",
        lambda: with_part(
            "customXml/x.xml", f'<?xml version="1.0" encoding="utf-16"?>{DTD.decode()}<w/>'.encode("utf-16")
        ),
    ),
    "a document type in a part of another name": (
        "external",
        lambda: with_part("word/media/x.png", DTD + b"<w/>"),
    ),
    "an unknown encoding": (
        "damaged",
        lambda: with_part("customXml/x.xml", b'<?xml version="1.0" encoding="utf-7"?><w/>'),
    ),
    "a broken part": ("damaged", lambda: with_part("word/settings.xml", b"<w:settings")),
    "a password": ("password", lambda: with_password(word_document())),
    "a password on one part": (
        "password",
        lambda: patched(word_document(), word_document().index(b"PK\x01\x02") + 8, b"\x01"),
    ),
    "an unusual packing": (
        "damaged",
        lambda: package(parts(word_document()).items(), packing=zipfile.ZIP_BZIP2),
    ),
    "something before": ("mixed", lambda: b"GIF89a" + word_document()),
    "something after": ("damaged", lambda: word_document() + b"%PDF-1.7"),
    "a comment": ("damaged", lambda: package(parts(word_document()).items(), comment=b"MZ")),
    "a comment without its text": (
        "mixed",
        lambda: patched(word_document(), len(word_document()) - 2, b"\x05"),
    ),
    "something between the parts": (
        "mixed",
        lambda: package(parts(word_document()).items(), gap_after="word/document.xml"),
    ),
    "something before the directory": ("mixed", lambda: package([("a.xml", b"<a/>")], gap_after="a.xml")),
    "half the file": ("damaged", lambda: word_document()[: len(word_document()) // 2]),
    "the same name twice": (
        "damaged",
        lambda: package([*parts(word_document()).items(), ("WORD/document.xml", b"<a/>")]),
    ),
    "a name that climbs": ("damaged", lambda: with_part("../x.xml", b"<a/>")),
    "an old Word file": ("mismatch", lambda: word_97()),
    "no archive": ("mismatch", lambda: b"hello" * 100),
    "a bomb": ("too_complex", lambda: with_part("word/media/x.bmp", bytes(60_000_000))),
    "parts without end": ("too_complex", lambda: package([(f"{number}", b"") for number in range(10_001)])),
    "depth without end": ("too_complex", lambda: with_part("word/document.xml", b"<a>" * 1_100)),
    "a prologue without end": ("too_complex", lambda: with_part("word/x.xml", b"<!--" + b" " * 200_000)),
    "an attribute without end": (
        "too_complex",
        lambda: with_part("word/document.xml", b'<a a="' + b"x" * 1_300_000),
    ),
}

OLD_OFFICE: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "Excel under the name of Word": (".doc", "mismatch", lambda: excel_97()),
    "Word under the name of Excel": (".xls", "mismatch", lambda: word_97()),
    "a message under the name of PowerPoint": (".ppt", "mismatch", lambda: outlook_message()),
    "Word under the name of a message": (".msg", "mismatch", lambda: word_97()),
    "two documents at once": (".doc", "mismatch", lambda: word_97(Workbook=b"x")),
    "today's Word under the old name": (".doc", "mismatch", lambda: word_document()),
    "a web page": (".xls", "mismatch", lambda: b"<html><table></table></html>"),
    "Word with macros": (".doc", "macros", lambda: word_97(**{"Macros/VBA/dir": b"x"})),
    "Word with macros elsewhere": (".doc", "macros", lambda: word_97(**{"ObjectPool/_1/_VBA_PROJECT": b"x"})),
    "Word with a packaged file": (
        ".doc",
        "embedded",
        lambda: word_97(**{"ObjectPool/_1/\x01Ole10Native": b"x"}),
    ),
    "Word with a password": (".doc", "password", lambda: word_97(flags=0x0300)),
    "Word with a field that starts a program": (
        ".doc",
        "external",
        lambda: word_97(b"\x13 DDEAUTO cmd \x15"),
    ),
    "Word with such a field in Unicode": (
        ".doc",
        "external",
        lambda: word_97("\x13 DDEAUTO cmd \x15".encode("utf-16-le")),
    ),
    "Word 95": (".doc", "mismatch", lambda: word_97(mark=0xA5DC)),
    "Word without its table": (".doc", "damaged", lambda: word_97(flags=0)),
    "Excel with macros": (".xls", "macros", lambda: excel_97(**MACROS)),
    "Excel with a macro sheet": (".xls", "macros", lambda: excel_97(sheet(b"Macro1", 1))),
    "Excel with a password": (".xls", "password", lambda: excel_97(record(0x002F, b"\x01\x00"))),
    "Excel with figures of another workbook": (
        ".xls",
        "external",
        lambda: excel_97(supporting_book(b"\x01C:\\other.xls")),
    ),
    "Excel that starts a program": (".xls", "external", lambda: excel_97(supporting_book(b"cmd\x03/c calc"))),
    "Excel 5 that starts a program": (
        ".xls",
        "external",
        lambda: excel_97(record(0x0017, b"\x0ccmd\x03/c calc"), version=0x0500, name="Book"),
    ),
    "Excel without a beginning": (".xls", "damaged", lambda: compound({"Workbook": bytes(5000)})),
    "Excel with a sheet cut off": (".xls", "damaged", lambda: excel_97(record(0x0085, b"\x00"))),
    "PowerPoint with a password": (".ppt", "password", lambda: powerpoint_97(mark=0xF3D1C4DF)),
    "PowerPoint with an encrypted summary": (
        ".ppt",
        "password",
        lambda: powerpoint_97(EncryptedSummary=b"x"),
    ),
    "PowerPoint with packed macros": (
        ".ppt",
        "macros",
        lambda: powerpoint_97(packed_storage({"VBA/_VBA_PROJECT": b"x" * 9000})),
    ),
    "PowerPoint with a packed file": (
        ".ppt",
        "embedded",
        lambda: powerpoint_97(packed_storage({"\x01Ole10Native": b"x"})),
    ),
    "PowerPoint without its user": (".ppt", "damaged", lambda: compound({"PowerPoint Document": b"x"})),
    "a message with a program": (
        ".msg",
        "attachment",
        lambda: outlook_message(**attachment("Invoice.pdf.exe ", b"x")),
    ),
    "a message with a program under another name": (
        ".msg",
        "attachment",
        lambda: outlook_message(**attachment("invoice.pdf", b"MZ\x90")),
    ),
    "a message with macros for Word": (
        ".msg",
        "attachment",
        lambda: outlook_message(**attachment("a.docx", with_part("word/vbaProject.bin", b""))),
    ),
    "a message with macros for Excel": (
        ".msg",
        "attachment",
        lambda: outlook_message(**attachment("a.xls", excel_97(**MACROS))),
    ),
    "a message without names": (".msg", "damaged", lambda: compound({"__properties_version1.0": bytes(40)})),
    "an archive after the end": (".doc", "mixed", lambda: word_97() + package([("a.txt", b"x")])),
    "much after the end": (".doc", "mixed", lambda: word_97() + b"x" * 70_000),
    "half the file": (".doc", "damaged", lambda: word_97()[: len(word_97()) // 2]),
    "the header alone": (".doc", "damaged", lambda: word_97()[:512]),
    "a table that goes in circles": (
        ".doc",
        "damaged",
        lambda: patched(word_97(), len(word_97()) - 512, struct.pack("<8L", *[0] * 8)),
    ),
    "a table that leaves the file": (
        ".doc",
        "damaged",
        lambda: patched(word_97(), len(word_97()) - 512 + 7 * 4, struct.pack("<L", 5000)),
    ),
    "a table without end": (".doc", "damaged", lambda: patched(word_97(), 44, b"\xff\xff\xff\x7f")),
    "an indirect table without end": (".doc", "damaged", lambda: patched(word_97(), 72, b"\xff\xff\xff\x7f")),
    "names without end": (
        ".msg",
        "too_complex",
        lambda: outlook_message(**{f"s{number}": b"" for number in range(8_100)}),
    ),
}
