"""Reading much in small pieces: blocks of a file, zlib data unpacked under an allowance, windows that overlap."""

import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from .refusals import FileRefused

BLOCK = 64 * 1024
PACKED_STEP = 16 * 1024
UNKNOWN = 1 << 62
ZIP_END = 22
ZIP_TAIL = ZIP_END + 0xFFFF


class Allowance:
    """How many bytes (or other units) may still be spent on one file; the one that spends more is refused."""

    def __init__(self, units: int) -> None:
        self.left = units

    def spend(self, units: int) -> None:
        self.left -= units
        if self.left < 0:
            raise FileRefused("too_complex")


def blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def overlapping(pieces: Iterable[bytes], overlap: int) -> Iterator[bytes]:
    """Windows that each begin with the end of the one before, so that no short mark falls between two."""
    tail = b""
    for piece in pieces:
        window = tail + piece
        yield window
        tail = window[-overlap:]


def inflated(packed: bytes, start: int, allowance: Allowance, size: int = UNKNOWN) -> Iterator[bytes]:
    """What the zlib stream at this place unpacks to, up to a known size; raises zlib.error where it breaks off.

    Some writers leave out the end of the stream: who asks for one byte less than there are never meets the break.
    """
    unpacker = zlib.decompressobj()
    position = start
    while size and not unpacker.eof:
        step = unpacker.unconsumed_tail
        if not step:
            step = packed[position : position + PACKED_STEP]
            position += len(step)
        if not step:
            raise zlib.error("the data ends before the stream does")
        if piece := unpacker.decompress(step, min(BLOCK, size)):
            allowance.spend(len(piece))
            size -= len(piece)
            yield piece


def ends_as_zip(tail: bytes) -> bool:
    """Whether a file with these last bytes is a ZIP archive too: an end record whose comment reaches to the last byte.

    Office 97-2003 files may well hold a whole small archive (their theme); that one ends before the file does.
    """
    start = tail.rfind(b"PK\x05\x06")
    while start >= 0:
        rest = len(tail) - start - ZIP_END
        if rest >= 0 and rest == int.from_bytes(tail[start + 20 : start + ZIP_END], "little"):
            return True
        start = tail.rfind(b"PK\x05\x06", 0, start)
    return False
