"""The records of an Excel 97-2003 workbook that tell of passwords, macro sheets and links to elsewhere (U05)."""

import struct
from collections.abc import Iterator

from .refusals import FileRefused

BEGIN, END = 0x0809, 0x000A
EXCEL_5, EXCEL_97 = 0x0500, 0x0600
FILE_PASS, BOUND_SHEET, SUPPORTING_BOOK, OLD_EXTERNAL_SHEET = 0x002F, 0x0085, 0x01AE, 0x0017
MACRO_SHEETS = {1, 6}
OWN_SHEETS, ADD_INS = 0x0401, 0x3A01
UNUSED_LINKS = {b"\0", b" "}
RECORDS_AT_MOST = 500_000


def check(stream: bytes) -> None:
    """Refuse a workbook whose first part, which is about the workbook as a whole, tells of one of these."""
    version = 0
    for number, (kind, body) in enumerate(records(stream)):
        if number == 0:
            version = struct.unpack_from("<H", body)[0] if kind == BEGIN else 0
            if version not in (EXCEL_5, EXCEL_97):
                raise FileRefused("damaged")
        elif kind == END:
            return
        elif kind == FILE_PASS:
            raise FileRefused("password")
        elif kind == BOUND_SHEET and body[5] in MACRO_SHEETS:
            raise FileRefused("macros")
        elif leads_out(kind, body, version):
            raise FileRefused("external")
    raise FileRefused("damaged")


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    for _ in range(RECORDS_AT_MOST):
        if place + 4 > len(stream):
            return
        kind, length = struct.unpack_from("<2H", stream, place)
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length
    raise FileRefused("too_complex")


def leads_out(kind: int, body: bytes, version: int) -> bool:
    """Whether a record names another workbook or a program (DDE) that cells take their values from."""
    if kind == SUPPORTING_BOOK:
        return (
            struct.unpack_from("<H", body, 2)[0] not in (OWN_SHEETS, ADD_INS) and body[5:] not in UNUSED_LINKS
        )
    if kind == OLD_EXTERNAL_SHEET and version == EXCEL_5:
        return body[1:2] == b"\x01" or b"\x03" in body[2:]
    return False
