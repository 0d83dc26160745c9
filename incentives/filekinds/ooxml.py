"""Today's Word, PowerPoint and Excel files (Open XML): whole, of the right kind, without macros or outside content."""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from .compound import MAGIC, program_in
from .pieces import BLOCK, Allowance
from .refusals import FileRefused
from .xml import AttributeReader, FieldReader, PrologReader, XmlReader

MAIN_PART = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
CONTENT_TYPES = "[content_types].xml"
PACKAGE_RELATIONS = "_rels/.rels"

FORBIDDEN_TYPES = (
    ("macro", "macros"),
    ("vba", "macros"),
    ("activex", "active"),
    ("externallink", "external"),
)
FORBIDDEN_NAMES = {"vbaproject.bin": "macros", "vbadata.xml": "macros"}
FORBIDDEN_RELATIONS = {
    "vbaproject": "macros",
    "wordvbadata": "macros",
    "xlmacrosheet": "macros",
    "xlintlmacrosheet": "macros",
    "activexcontrolbinary": "active",
    "afchunk": "embedded",
    "externallink": "external",
}
XML_NAMES = (".xml", ".vml", ".svg")
PROGRAM_STARTS = (b"MZ", b"\x7fELF")
CONTAINER_STARTS = (MAGIC, b"PK")
OUTSIDE = re.compile(r"(?i)\s*(?:[a-z][a-z0-9+.-]*:|\\\\|//)")

MEMBERS_AT_MOST = 10_000
DIRECTORY_AT_MOST = 2 * 1024 * 1024
UNPACKED_AT_MOST = 256 * 1024 * 1024
RATIO_AT_MOST = 200
RATIO_MATTERS_FROM = 32 * 1024 * 1024
PARSED_AT_MOST = 32 * 1024 * 1024
BETWEEN_MEMBERS = 24
END_RECORD = struct.Struct("<4s4H2LH")
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)


def check(file: BinaryIO, extension: str) -> None:
    """Refuse what is not a whole Open XML document of this very kind, or holds more than a document."""
    size = check_end(file)
    try:
        with zipfile.ZipFile(file) as package:
            members = package.infolist()
            check_members(file, members, package.start_dir)
            Package(package, members, size).check(extension)
    except FileRefused:
        raise
    except BROKEN_ZIP as error:
        raise FileRefused("damaged") from error


def check_end(file: BinaryIO) -> int:
    """The size of the file, which must end with a modest directory and nothing after it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_RECORD.size))
    record = file.read()
    if len(record) < END_RECORD.size or not record.startswith(b"PK\x05\x06"):
        raise FileRefused("damaged")
    _, _, _, here, total, length, start, comment = END_RECORD.unpack(record)
    if comment or here != total or start + length != size - END_RECORD.size:
        raise FileRefused("mixed")
    if total > MEMBERS_AT_MOST or length > DIRECTORY_AT_MOST:
        raise FileRefused("too_complex")
    return size


def check_members(file: BinaryIO, members: list[zipfile.ZipInfo], directory: int) -> None:
    """Members follow one another from the first byte to the directory, each with a name of its own."""
    names = {member.filename.lower() for member in members}
    if len(names) != len(members) or any(
        "\\" in name or ".." in name.split("/") or name[:1] == "/" for name in names
    ):
        raise FileRefused("damaged")
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.flag_bits & 0x1:
            raise FileRefused("password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused("damaged")
        gap = member.header_offset - end
        if gap < 0 or gap > (BETWEEN_MEMBERS if end else 0):
            raise FileRefused("mixed")
        file.seek(member.header_offset + 26)
        name, extra = struct.unpack("<2H", file.read(4))
        end = member.header_offset + 30 + name + extra + member.compress_size
    if not 0 <= directory - end <= BETWEEN_MEMBERS:
        raise FileRefused("mixed")


class Package:
    """The parts of one document, each unpacked once, under one allowance."""

    def __init__(self, package: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int) -> None:
        self.package = package
        self.members = {member.filename.lower(): member for member in members if not member.is_dir()}
        self.unpacked = Allowance(min(UNPACKED_AT_MOST, max(RATIO_MATTERS_FROM, RATIO_AT_MOST * size)))
        self.parsed = Allowance(PARSED_AT_MOST)
        self.types: dict[str, str] = {}

    def check(self, extension: str) -> None:
        self.read(CONTENT_TYPES, self.note_type)
        if self.type_of(self.main_part()) != MAIN_PART[extension]:
            raise FileRefused("mismatch")
        for name in self.members:
            self.check_part(name)

    def pieces(self, name: str) -> Iterator[bytes]:
        with self.package.open(self.members[name]) as part:
            while piece := part.read(BLOCK):
                self.unpacked.spend(len(piece))
                yield piece

    def read(self, name: str, look: Callable[[str, dict[str, str]], None]) -> None:
        """Show every element of a part, and its attributes, to a function."""
        if name not in self.members:
            raise FileRefused("damaged")
        self.feed(AttributeReader(self.parsed, look), self.pieces(name))

    def feed(self, reader: XmlReader, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            reader.feed(piece)
        reader.close()

    def note_type(self, element: str, attributes: dict[str, str]) -> None:
        content_type = attributes.get("ContentType", "").lower()
        for mark, reason in FORBIDDEN_TYPES:
            if mark in content_type:
                raise FileRefused(reason)
        if element == "Default":
            self.types["." + attributes.get("Extension", "").lower()] = content_type
        elif element == "Override":
            self.types[attributes.get("PartName", "").lower().lstrip("/")] = content_type

    def type_of(self, name: str) -> str:
        return self.types.get(name) or self.types.get(posixpath.splitext(name)[1], "")

    def main_part(self) -> str:
        mains: list[str] = []

        def look(element: str, attributes: dict[str, str]) -> None:
            if relation(attributes) == "officedocument":
                mains.append(posixpath.normpath("/" + attributes.get("Target", "")).lower().lstrip("/"))

        self.read(PACKAGE_RELATIONS, look)
        if len(mains) != 1 or mains[0] not in self.members:
            raise FileRefused("damaged")
        return mains[0]

    def check_part(self, name: str) -> None:
        if reason := FORBIDDEN_NAMES.get(posixpath.basename(name)):
            raise FileRefused(reason)
        if name.endswith(".rels"):
            self.read(name, check_relation)
            return
        pieces = self.pieces(name)
        start = next(pieces, b"")
        whole = chain([start], pieces)
        if start and (name.endswith(XML_NAMES) or self.type_of(name).endswith("xml") or starts_as_xml(start)):
            reader = FieldReader if "wordprocessingml" in self.type_of(name) else PrologReader
            self.feed(reader(self.parsed), whole)
        else:
            self.check_binary(start, whole)

    def check_binary(self, start: bytes, whole: Iterator[bytes]) -> None:
        """Pictures, fonts, and documents inside the document; read to the end in any case, which checks their sums."""
        if start.startswith(PROGRAM_STARTS):
            raise FileRefused("embedded")
        if start.startswith(CONTAINER_STARTS) and (reason := program_in(whole)):
            raise FileRefused(reason)
        for _ in whole:
            pass


def starts_as_xml(start: bytes) -> bool:
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def relation(attributes: dict[str, str]) -> str:
    return attributes.get("Type", "").rpartition("/")[2].lower()


def check_relation(element: str, attributes: dict[str, str]) -> None:
    """Only hyperlinks may lead out of the document."""
    kind = relation(attributes)
    if reason := FORBIDDEN_RELATIONS.get(kind):
        raise FileRefused(reason)
    outside = attributes.get("TargetMode", "Internal") != "Internal" or OUTSIDE.match(
        attributes.get("Target", "")
    )
    if outside and kind != "hyperlink":
        raise FileRefused("external")
