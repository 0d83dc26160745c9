"""Compound files, the container of Office 97-2003 and Outlook, read by olefile within bounds of its own making."""

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import olefile

from .pieces import ZIP_TAIL, Allowance, ends_as_zip, overlapping
from .refusals import FileRefused

MAGIC = olefile.MAGIC
ENTRIES_AT_MOST = 8_000
SPARE_TABLE_SECTORS = 16
LAST_SECTOR_NUMBER = 0xFFFFFFFA

# Names inside a container stand unpacked and whole in its bytes, however broken its tables are.
PROGRAM_MARKS = (
    ("_VBA_PROJECT".encode("utf-16-le"), "macros"),
    (b"vbaProject.bin", "macros"),
    ("\x01Ole10Native".encode("utf-16-le"), "embedded"),
)
VBA_STORAGES = {"macros", "vba", "_vba_project_cur"}


def program_in(pieces: Iterable[bytes]) -> str:
    """The reason to refuse a container that carries macros or packaged files, or an empty string."""
    for window in overlapping(pieces, 64):
        for mark, reason in PROGRAM_MARKS:
            if mark in window:
                return reason
    return ""


class CompoundFile(olefile.OleFileIO):
    """olefile, strict about defects, with bounds on its table of contents and on what is read in all."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.readable = Allowance(size)
        super().__init__(file, raise_defects=olefile.DEFECT_INCORRECT)
        self.check_sectors()
        self.paths = ["/".join(path).lower() for path in self.listdir(streams=True, storages=True)]

    def _load_direntry(self, sid: int) -> Any:
        if sid >= ENTRIES_AT_MOST:
            raise FileRefused("too_complex")
        return super()._load_direntry(sid)

    def check_sectors(self) -> None:
        """Every sector in use lies within the file and has one before it at most; the table covers the whole file."""
        starts = [
            entry.isectStart
            for entry in self.direntries
            if entry
            and entry.size
            and entry.entry_type in (olefile.STGTY_ROOT, olefile.STGTY_STREAM)
            and not entry.is_minifat
        ]
        used = [sector for sector in (*starts, *self.fat) if sector < LAST_SECTOR_NUMBER]
        if max(used, default=0) >= self.nb_sect or len(set(used)) != len(used):
            raise FileRefused("damaged")
        if len(self.fat) < self.nb_sect:
            raise FileRefused("mixed")

    def content(self, path: str) -> bytes:
        if path.lower() not in self.paths:
            raise FileRefused("damaged")
        self.readable.spend(self.get_size(path))
        with self.openstream(path) as stream:
            return stream.read()


def check_header(file: BinaryIO) -> int:
    """The size of the file; a header that promises larger tables than the file can hold is refused."""
    size = file.seek(0, 2)
    if size < olefile.MINIMAL_OLEFILE_SIZE:
        raise FileRefused("damaged")
    file.seek(max(0, size - ZIP_TAIL))
    if ends_as_zip(file.read()):
        raise FileRefused("mixed")
    file.seek(30)
    shift, tables, small_tables, indirect_tables = struct.unpack("<H12xL16xL4xL", file.read(46))
    if shift not in (9, 12):
        raise FileRefused("damaged")
    sectors = size >> shift
    enough = sectors // (2 ** (shift - 2)) + SPARE_TABLE_SECTORS
    if tables > enough or indirect_tables > enough or small_tables > sectors:
        raise FileRefused("damaged")
    file.seek(0)
    return size


@contextmanager
def opened(file: BinaryIO) -> Iterator[CompoundFile]:
    """A compound file; whatever goes wrong while it is read means that it is damaged."""
    size = check_header(file)
    try:
        with CompoundFile(file, size) as compound:
            yield compound
    except FileRefused:
        raise
    except Exception as error:  # olefile has no closed list of what broken files make it raise
        raise FileRefused("damaged") from error
