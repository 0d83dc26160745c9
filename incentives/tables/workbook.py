"""Rows of one sheet of an Excel workbook, unpacked and read piece by piece, however long the sheet is."""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from typing import BinaryIO, TypeVar

from django.utils.translation import gettext as _

from .refusals import TableRefused, shown
from .rows import Row
from .sheet import SharedTexts, SheetReader, XmlReader, elements

OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel 97-2003, and today's workbooks with a password
BLOCK = 64 * 1024
UNPACKED_AT_MOST = 512 * 1024 * 1024
DESCRIPTION_AT_MOST = 1024 * 1024
MEMBERS_AT_MOST = 1000
DIRECTORY_AT_MOST = 256 * 1024
Reader = TypeVar("Reader", bound=XmlReader)
END_RECORD = struct.Struct("<4s4H2LH")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class Workbook:
    """One .xlsx file; refuses what does not show all that it holds: formulas, macros, links, sheets beside the list."""

    def __init__(
        self, file: BinaryIO, *, columns: int, sheet: str = "", unpacked_at_most: int | None = None
    ) -> None:
        self.file, self.columns, self.wanted = file, columns, sheet
        self.unpacked_at_most = unpacked_at_most or UNPACKED_AT_MOST
        self.unpacked = 0
        self.expected = 1

    def share(self) -> float:
        """How much of the sheet has been unpacked, from 0 to 1."""
        return min(1.0, self.unpacked / self.expected)

    def rows(self) -> Generator[Row, None, None]:
        try:
            check_directory(self.file)
            with zipfile.ZipFile(self.file) as package:
                yield from self.rows_of(package)
        except TableRefused:
            raise
        except BROKEN as error:
            raise damaged() from error

    def rows_of(self, package: zipfile.ZipFile) -> Iterator[Row]:
        refuse_what_acts(package.infolist())
        main = target_of(package, "", "officeDocument")
        sheet = the_sheet(package, main, self.wanted)
        texts = SharedTexts()
        shared = target_of(package, main, "sharedStrings", optional=True)
        parts = [part for part in (shared, sheet) if part]
        self.expected = sum(package.getinfo(part).file_size for part in parts) or 1
        if shared:
            for _rows in self.read(package, shared, texts):
                pass
        for reader in self.read(package, sheet, SheetReader(texts, self.columns)):
            yield from reader.taken()

    def read(self, package: zipfile.ZipFile, part: str, reader: Reader) -> Iterator[Reader]:
        """Feed a part to its reader, and hand the reader over after each piece."""
        with package.open(part) as source:
            while piece := source.read(BLOCK):
                self.unpacked += len(piece)
                if self.unpacked > self.unpacked_at_most:
                    raise too_large()
                reader.feed(piece)
                yield reader
        reader.close()
        yield reader


def check_directory(file: BinaryIO) -> None:
    """Look at the end of the package before anything is unpacked: what it says of itself must be modest."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(len(OLD_OR_LOCKED)) == OLD_OR_LOCKED:
        raise TableRefused(
            _(
                "This workbook is protected by a password or comes from an old Excel. Open it, save it as “Excel"
                " Workbook (.xlsx)” without a password, and upload that."
            )
        )
    file.seek(max(0, size - END_RECORD.size))
    mark, *_numbers, members, length, _start, comment = END_RECORD.unpack(file.read())
    if mark != b"PK\x05\x06" or comment:
        raise damaged()
    if members > MEMBERS_AT_MOST or length > DIRECTORY_AT_MOST:
        raise too_large()


def refuse_what_acts(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.lower() for member in members]
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise damaged()
    if any(posixpath.basename(name) == "vbaproject.bin" for name in names):
        raise TableRefused(
            _("This workbook contains macros. Save it as “Excel Workbook (.xlsx)”, and upload that.")
        )
    if any(name.startswith("xl/externallinks/") for name in names):
        raise TableRefused(
            _("This workbook takes values from other workbooks. Replace the links by their values first.")
        )


def describing(package: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of one of the small parts that say what is where."""
    if package.getinfo(part).file_size > DESCRIPTION_AT_MOST:
        raise too_large()
    with package.open(part) as source:
        return elements(source.read(DESCRIPTION_AT_MOST))


def relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: kind and path by the name of the reference."""
    folder, name = posixpath.split(part)
    found = {}
    for tag, attributes in describing(package, posixpath.join(folder, "_rels", f"{name}.rels")):
        if tag == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, target.lstrip("/"))
    return found


def target_of(package: zipfile.ZipFile, part: str, kind: str, *, optional: bool = False) -> str:
    targets = [target for found, target in relations(package, part).values() if found == kind]
    if len(targets) > 1 or not (targets or optional):
        raise damaged()
    return targets[0] if targets else ""


def the_sheet(package: zipfile.ZipFile, main: str, wanted: str) -> str:
    """Where the sheet of this name stands, or else the only one.

    Of several, hidden ones above all, nobody could tell which was meant.
    """
    sheets = [attributes for tag, attributes in describing(package, main) if tag == "sheet"]
    if named := [
        sheet for sheet in sheets if wanted and sheet.get("name", "").casefold() == wanted.casefold()
    ]:
        sheets = named
    if hidden := [sheet.get("name", "") for sheet in sheets if sheet.get("state", "visible") != "visible"]:
        text = _("The sheet “%(name)s” is hidden. Delete it, so that the workbook has one sheet: the list.")
        raise TableRefused(text % {"name": shown(hidden[0])})
    if len(sheets) != 1:
        text = _("This workbook has %(count)s sheets. Keep one: the list.")
        if wanted:
            text = _("This workbook has %(count)s sheets. Call the one that is meant “%(wanted)s”.")
        raise TableRefused(text % {"count": len(sheets), "wanted": wanted})
    kind, target = relations(package, main).get(sheets[0].get("id", ""), ("", ""))
    if kind != "worksheet":
        raise damaged()
    return target


def damaged() -> TableRefused:
    return TableRefused(
        _("This workbook is damaged or incomplete. Open it, save it as a new file, and upload that.")
    )


def too_large() -> TableRefused:
    return TableRefused(
        _("This workbook unpacks to more than a list can hold. Save the list as “CSV UTF-8”.")
    )
