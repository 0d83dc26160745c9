"""Which kinds of file a proof of execution may be, told by content as well as by name (POE-2)."""

from dataclasses import dataclass
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import ole, ooxml, pdf
from .names import clean_name
from .refusals import FileRefused

__all__ = ["ALLOWED", "FileKind", "FileRefused", "clean_name", "inspect"]


@dataclass(frozen=True)
class FileKind:
    extension: str
    content_type: str
    label: str | Promise


OPEN_XML = "application/vnd.openxmlformats-officedocument."
ALLOWED = (
    FileKind(".pdf", "application/pdf", _("PDF document")),
    FileKind(".ppt", "application/vnd.ms-powerpoint", _("PowerPoint 97-2003 presentation")),
    FileKind(".pptx", OPEN_XML + "presentationml.presentation", _("PowerPoint presentation")),
    FileKind(".doc", "application/msword", _("Word 97-2003 document")),
    FileKind(".docx", OPEN_XML + "wordprocessingml.document", _("Word document")),
    FileKind(".msg", "application/vnd.ms-outlook", _("Outlook message")),
    FileKind(".xls", "application/vnd.ms-excel", _("Excel 97-2003 workbook")),
    FileKind(".xlsx", OPEN_XML + "spreadsheetml.sheet", _("Excel workbook")),
)
BY_EXTENSION = {kind.extension: kind for kind in ALLOWED}

FORMATS = (
    (b"%PDF-", pdf.check, {".pdf"}),
    (b"PK\x03\x04", ooxml.check, {".docx", ".pptx", ".xlsx"}),
    (ole.MAGIC, ole.check, {".doc", ".msg", ".ppt", ".xls"}),
)


def kind_of(name: str) -> FileKind:
    dot = clean_name(name).rpartition(".")
    kind = BY_EXTENSION.get("." + dot[2].lower()) if dot[1] else None
    if kind is None:
        raise FileRefused("kind")
    return kind


def inspect(file: BinaryIO, name: str) -> FileKind:
    """What kind of document this is; raises FileRefused with what to do, and nothing else, whatever the bytes are."""
    kind = kind_of(name)
    file.seek(0)
    start = file.read(1024)
    if not start:
        raise FileRefused("empty")
    for signature, check, extensions in FORMATS:
        if kind.extension in extensions:
            if not start.startswith(signature):
                refuse_other_start(file, start, signature)
            check(file, kind.extension)
    return kind


def refuse_other_start(file: BinaryIO, start: bytes, signature: bytes) -> None:
    if start.startswith(ole.MAGIC):
        ole.refuse_encrypted_package(file)
    raise FileRefused("mixed" if signature in start else "mismatch")
