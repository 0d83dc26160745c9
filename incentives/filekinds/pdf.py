"""PDF by structure, without scripts, commands, attached files or encryption (U05, U07).

Names are looked for in every byte of the file rather than along its cross-reference table: viewers repair broken files
in different ways, and a name that any of them could reach is found this way. Object streams, the one place where
objects are packed, are unpacked.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from .pieces import ZIP_TAIL, Allowance, ends_as_zip, inflated, overlapping
from .refusals import FileRefused

WHITE = b"\0\t\n\f\r "
REASONS = {
    b"Encrypt": "password",
    b"JavaScript": "active",
    b"Launch": "active",
    b"Rendition": "active",
    b"RichMedia": "active",
    b"SubmitForm": "active",
    b"ImportData": "active",
    b"XFA": "active",
    b"GoToE": "active",
    b"GoToR": "active",
    b"EmbeddedFile": "embedded",
    b"EmbeddedFiles": "embedded",
    b"FileAttachment": "embedded",
}
PACKED_OBJECTS = b"ObjStm"

HEADER = re.compile(rb"%PDF-[12]\.\d[\s%]")
OBJECT = re.compile(rb"\d{1,10}[\0\s]+\d{1,5}[\0\s]+obj")
ENDING = re.compile(rb"startxref[\0\s]+(\d{1,10})[\0\s]+%%EOF[\0\s]*\Z")
XREF = re.compile(rb"[\0\s]*(?:xref|\d{1,10}[\0\s]+\d{1,5}[\0\s]+obj)")
# A kind of action or annotation that is written elsewhere and only referred to: no program does that either.
KIND_KEYS = (b"S", b"Subtype")
KIND_ELSEWHERE = re.compile(rb"/(?:S|Subtype)[\0\s]*(%|\d{1,10}[\0\s]+\d{1,5}[\0\s]+R\b)")
REFERENCE = re.compile(rb"[\0\s]*(?:\d{1,10}[\0\s]+\d{1,5}[\0\s]+R\b|\Z)")
COMMENT = re.compile(rb"%[^\r\n]*")
NAME = re.compile(
    rb"/(?=[EFGIJLORSX])(%s)(?=[\0\t\n\f\r ()<>\[\]{}/%%]|\Z)"
    % b"|".join(sorted([*REASONS, PACKED_OBJECTS], reverse=True))
)
# No program writes a plain letter as #xx; who does, hides a name.
DISGUISE = re.compile(rb"#(?:[46][1-9A-Fa-f]|[57][0-9Aa])")
WHOLE_NAME = re.compile(rb"/([^\0\t\n\f\r ()<>\[\]{}/%]{1,60})")
# Within "(https://host/Launch" the name is text, whatever stands around: nothing in between could end a string, and
# no object could start there.
IN_TEXT = re.compile(rb"\((?:(?!obj)[^\0\t\n\v\f\r()<>])*")
STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
OBJECT_STREAM = re.compile(rb"obj[\0\s]*<<([^<>()%]*)>>[\0\s]*stream(?:\r\n|\n|\r)")
# An object stream starts with pairs of numbers, then its first object.
NUMBERED_OBJECTS = re.compile(rb"\A[\0\s]*(?:\d{1,10}[\0\s]+){2,}(?:<<|\[|\(|/|\Z)")

UNPACKED_AT_MOST = 32 * 1024 * 1024
STREAMS_AT_MOST = 100_000
DOUBTS_AT_MOST = 100_000
NAMES_AT_MOST = 4_000_000
LOOK_BACK = 256


class Effort:
    """What one file may cost: names at all, and names that need a second look."""

    def __init__(self) -> None:
        self.names = Allowance(NAMES_AT_MOST)
        self.doubts = Allowance(DOUBTS_AT_MOST)


def check(file: BinaryIO, extension: str) -> None:
    """Refuse what is not a whole, readable, inactive PDF."""
    file.seek(0)
    content = file.read()
    check_frame(content)
    effort = Effort()
    declared = 0
    for name in names(content, effort):
        if name != PACKED_OBJECTS:
            raise FileRefused(REASONS.get(name, "active"))
        declared += 1
    try:
        for window in overlapping(object_streams(content, declared), LOOK_BACK):
            for name in names(window, effort):
                raise FileRefused(REASONS.get(name, "active"))
    except zlib.error as error:
        raise FileRefused("damaged") from error


def check_frame(content: bytes) -> None:
    """Header first, cross-reference and end mark last, and nothing of another format around them."""
    if not HEADER.match(content):
        raise FileRefused("mismatch")
    if ends_as_zip(content[-ZIP_TAIL:]) or not OBJECT.search(content, 0, 2048):
        raise FileRefused("mixed")
    ending = ENDING.search(content[-4096:].rstrip(WHITE)[-128:])
    if not ending or b"/Root" not in content or not XREF.match(content, int(ending[1])):
        raise FileRefused("damaged")


def names(window: bytes, effort: Effort) -> Iterator[bytes]:
    """The telling names in a stretch of the file, those written with #xx escapes included."""
    effort.names.spend(window.count(b"/") + window.count(b"#"))
    for plain in NAME.finditer(window):
        effort.doubts.spend(1)
        if not in_text(window, plain.start()):
            yield plain[1]
    for escape in DISGUISE.finditer(window):
        effort.doubts.spend(1)
        start = window.rfind(b"/", max(0, escape.start() - 40), escape.start())
        if start >= 0 and (written := WHOLE_NAME.match(window, start)):
            name = re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), written[1])
            if name in REASONS or name == PACKED_OBJECTS or name in KIND_KEYS:
                yield name
    if names_kind_elsewhere(window, effort.doubts):
        yield KIND_KEYS[0]


def names_kind_elsewhere(window: bytes, doubts: Allowance) -> bool:
    for kind in KIND_ELSEWHERE.finditer(window):
        if kind[1] != b"%":
            return True
        doubts.spend(10)
        if REFERENCE.match(COMMENT.sub(b"", window[kind.start(1) : kind.start(1) + 4096])):
            return True
    return False


def in_text(window: bytes, place: int) -> bool:
    opened = window.rfind(b"(", max(0, place - LOOK_BACK), place)
    return opened >= 0 and IN_TEXT.fullmatch(window, opened, place) is not None


def object_streams(content: bytes, declared: int) -> Iterator[bytes]:
    """What the packed objects unpack to; a file that packs them in an unusual way cannot be checked."""
    allowance = Allowance(UNPACKED_AT_MOST)
    plain = {m.end(): m[1] for m in OBJECT_STREAM.finditer(content) if b"/ObjStm" in m[1]}
    if len(plain) != declared:
        raise FileRefused("active")
    streams = Allowance(STREAMS_AT_MOST)
    for stream in STREAM.finditer(content):
        streams.spend(1)
        dictionary = plain.get(stream.end())
        if (dictionary is not None and is_deflated(dictionary)) or starts_with_objects(content, stream.end()):
            yield from inflated(content, stream.end(), allowance)


def is_deflated(dictionary: bytes) -> bool:
    """Whether packed objects are packed in the usual way, or not at all (then they stand in plain sight)."""
    filters = re.findall(rb"/(\w+Decode|Crypt|DecodeParms)\b", dictionary)
    if filters not in ([], [b"FlateDecode"]) or (b"/Filter" in dictionary and not filters):
        raise FileRefused("active")
    return bool(filters)


def starts_with_objects(content: bytes, start: int) -> bool:
    """Whether a stream that is not declared as one looks like an object stream all the same."""
    first = content[start : start + 2]
    if len(first) < 2 or first[0] & 0x0F != 8 or (first[0] * 256 + first[1]) % 31:
        return False
    try:
        return bool(
            NUMBERED_OBJECTS.match(zlib.decompressobj().decompress(content[start : start + 2048], 2048))
        )
    except zlib.error:
        return False
