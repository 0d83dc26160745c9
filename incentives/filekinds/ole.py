"""Word, Excel and PowerPoint files of 1997-2003 and Outlook messages: whole, of the right kind, no macros (U05)."""

import contextlib
import re
import struct
import zlib
from typing import BinaryIO

from . import biff, outlook
from .compound import MAGIC, VBA_STORAGES, CompoundFile, opened, program_in
from .pieces import Allowance, blocks, inflated
from .refusals import FileRefused

__all__ = ["MAGIC", "check", "refuse_encrypted_package"]

MAIN_STREAMS = {
    "worddocument": ".doc",
    "workbook": ".xls",
    "book": ".xls",
    "powerpoint document": ".ppt",
    "__properties_version1.0": ".msg",
}
ENCRYPTED_STREAMS = {"encryptedpackage", "encryptedsummary"}

WORD_97 = 0xA5EC
WORD_ENCRYPTED = 0x0100
WORD_SECOND_TABLE = 0x0200
DDE_FIELD = re.compile(rb"(?i)\x13\s*DDE(?:AUTO)?\b|\x13\0(?:\s\0)*D\0D\0E\0")

SLIDES_ENCRYPTED = 0xF3D1C4DF
# The head of a packed object: its kind, the length of the record, and its size when unpacked.
PACKED_OBJECT = re.compile(rb"(?s)\x10\x00\x11\x10.{4}(.{4})")
UNPACKED_AT_MOST = 128 * 1024 * 1024
OBJECTS_AT_MOST = 10_000


def check(file: BinaryIO, extension: str) -> None:
    """Refuse what is not a whole document of this very kind, or can act when it is opened."""
    with opened(file) as compound:
        check_kind(compound, extension)
        file.seek(0)
        if reason := program_in(blocks(file)):
            raise FileRefused("attachment" if extension == ".msg" else reason)
        CHECKS[extension](compound)


def check_kind(compound: CompoundFile, extension: str) -> None:
    """The streams at the root say which program wrote the file; a file that is two documents at once is neither."""
    at_root = {path for path in compound.paths if "/" not in path}
    if at_root & ENCRYPTED_STREAMS:
        raise FileRefused("password")
    if {MAIN_STREAMS[name] for name in at_root if name in MAIN_STREAMS} != {extension}:
        raise FileRefused("mismatch")
    if any(part in VBA_STORAGES for path in compound.paths for part in path.split("/")):
        raise FileRefused("attachment" if extension == ".msg" else "macros")


def check_word(compound: CompoundFile) -> None:
    text = compound.content("WordDocument")
    mark, flags = struct.unpack_from("<H8xH", text)
    if mark != WORD_97:
        raise FileRefused("mismatch")
    if flags & WORD_ENCRYPTED:
        raise FileRefused("password")
    if ("1table" if flags & WORD_SECOND_TABLE else "0table") not in compound.paths:
        raise FileRefused("damaged")
    if DDE_FIELD.search(text):
        raise FileRefused("external")


def check_excel(compound: CompoundFile) -> None:
    for name in ("Workbook", "Book"):
        if name.lower() in compound.paths:
            biff.check(compound.content(name))


def check_powerpoint(compound: CompoundFile) -> None:
    """Macros and packaged files of a presentation are packed into its own stream."""
    user = compound.content("Current User")
    if struct.unpack_from("<L", user, 12)[0] == SLIDES_ENCRYPTED:
        raise FileRefused("password")
    slides = compound.content("PowerPoint Document")
    if reason := program_in([slides]):
        raise FileRefused(reason)
    allowance, objects = Allowance(UNPACKED_AT_MOST), Allowance(OBJECTS_AT_MOST)
    for packed in PACKED_OBJECT.finditer(slides):
        objects.spend(1)
        with contextlib.suppress(zlib.error):
            size = max(0, int.from_bytes(packed[1], "little") - 1)
            if reason := program_in(inflated(slides, packed.end(), allowance, size)):
                raise FileRefused(reason)


CHECKS = {".doc": check_word, ".xls": check_excel, ".ppt": check_powerpoint, ".msg": outlook.check}


def refuse_encrypted_package(file: BinaryIO) -> None:
    """Today's Office files with a password are compound files that hold the encrypted document."""
    with opened(file) as compound:
        if "encryptedpackage" in compound.paths:
            raise FileRefused("password")
