"""Compound files (MS-CFB) by hand: Word, Excel and PowerPoint documents of 1997-2003 and Outlook messages."""

import struct
import zlib
from dataclasses import dataclass, field

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FREE, END, TABLE, INDIRECT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
SECTOR, SMALL_SECTOR, SMALL_BELOW, ENTRY = 512, 64, 4096, 128
ROOT, STORAGE, STREAM = 5, 1, 2

Streams = dict[str, bytes]


@dataclass
class Sectors:
    """Content cut into sectors of one size, and the table that chains them."""

    size: int
    content: bytes = b""
    table: list[int] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        """Where the chain of this content starts."""
        start, count = len(self.table), -(-len(content) // self.size)
        if not count:
            return END
        self.content += content.ljust(count * self.size, b"\0")
        self.table += [*range(start + 1, start + count), END]
        return start


@dataclass
class Entry:
    name: str
    kind: int
    content: bytes = b""
    left: int = FREE
    right: int = FREE
    child: int = FREE
    start: int = 0

    def __bytes__(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        links = (self.left, self.right, self.child)
        size = len(self.content)
        return struct.pack("<64sHBB3L16xL16xLQ", name, len(name), self.kind, 1, *links, 0, self.start, size)


def balanced(entries: list[Entry], numbers: list[int]) -> int:
    """Link these entries to a search tree; the number of its top."""
    if not numbers:
        return FREE
    middle = len(numbers) // 2
    top = entries[numbers[middle]]
    top.left, top.right = balanced(entries, numbers[:middle]), balanced(entries, numbers[middle + 1 :])
    return numbers[middle]


def entries_of(streams: Streams) -> list[Entry]:
    entries = [Entry("Root Entry", ROOT)]

    def fill(parent: int, inside: Streams) -> None:
        storages: dict[str, Streams] = {}
        for path, content in inside.items():
            name, slash, rest = path.partition("/")
            if slash:
                storages.setdefault(name, {})[rest] = content
        names = sorted(
            {path.partition("/")[0] for path in inside}, key=lambda name: (len(name), name.upper())
        )
        numbers = [*range(len(entries), len(entries) + len(names))]
        entries.extend(
            Entry(name, STORAGE) if name in storages else Entry(name, STREAM, inside[name]) for name in names
        )
        entries[parent].child = balanced(entries, numbers)
        for number, name in zip(numbers, names, strict=True):
            fill(number, storages.get(name, {}))

    fill(0, streams)
    return entries


def compound(streams: Streams) -> bytes:
    """A compound file with these streams; a path with a slash lies in a storage."""
    entries = entries_of(streams)
    large, small = Sectors(SECTOR), Sectors(SMALL_SECTOR)
    for entry in entries[1:]:
        if entry.kind == STREAM:
            entry.start = (small if len(entry.content) < SMALL_BELOW else large).add(entry.content)
    entries[0].content = small.content
    entries[0].start = large.add(small.content)
    small_table = struct.pack(f"<{len(small.table)}L", *small.table)
    small_table = small_table.ljust(-(-len(small_table) // SECTOR) * SECTOR, b"\xff")
    small_start = large.add(small_table)
    directory = large.add(b"".join(bytes(entry) for entry in entries))
    return header_and_tables(large, directory, small_start, len(small_table) // SECTOR)


def header_and_tables(large: Sectors, directory: int, small_start: int, small_sectors: int) -> bytes:
    """The sector table after the content; from 7 MB on, a table of its sectors comes before it."""
    used = len(large.table)
    tables = -(-used // (SECTOR // 4 - 2))
    indirect = -(-max(0, tables - 109) // (SECTOR // 4 - 1))
    table = [*large.table, *[INDIRECT] * indirect, *[TABLE] * tables]
    table += [FREE] * (tables * SECTOR // 4 - len(table))
    places = [*range(used + indirect, used + indirect + tables)]
    numbers = (
        tables,
        directory,
        0,
        SMALL_BELOW,
        small_start,
        small_sectors,
        used if indirect else END,
        indirect,
    )
    header = struct.pack("<8s16x5H6xL8L", MAGIC, 0x3E, 3, 0xFFFE, 9, 6, 0, *numbers)
    header += struct.pack("<109L", *places[:109], *[FREE] * (109 - len(places)))
    rows = b"".join(indirect_row(places, number, used, indirect) for number in range(indirect))
    return header + large.content + rows + struct.pack(f"<{len(table)}L", *table)


def indirect_row(places: list[int], number: int, first: int, rows: int) -> bytes:
    row = places[109 + number * 127 :][:127]
    return struct.pack(
        "<128L", *row, *[FREE] * (127 - len(row)), first + number + 1 if number + 1 < rows else END
    )


def word_97(
    text: bytes = b"Workshop report", *, flags: int = 0x0200, mark: int = 0xA5EC, **streams: bytes
) -> bytes:
    head = struct.pack("<HH6xH20x", mark, 0x00C1, flags)
    return compound(
        {"WordDocument": (head + text).ljust(SMALL_BELOW, b"\0"), "1Table": b"\0" * 100} | streams
    )


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def excel_97(*records: bytes, version: int = 0x0600, name: str = "Workbook", **streams: bytes) -> bytes:
    """A workbook whose part about the whole workbook holds these records."""
    begin = record(0x0809, struct.pack("<HHHH8x", version, 5, 0x0DBB, 0x07CC))
    content = begin + b"".join(records) + record(0x000A)
    return compound({name: content.ljust(SMALL_BELOW, b"\0")} | streams)


def sheet(name: bytes, kind: int = 0) -> bytes:
    return record(0x0085, struct.pack("<LBBB", 0, 0, kind, len(name)) + b"\0" + name)


def supporting_book(address: bytes) -> bytes:
    return record(0x01AE, struct.pack("<HHB", 1, len(address), 0) + address)


def powerpoint_97(content: bytes = b"", *, mark: int = 0xE391C05F, **streams: bytes) -> bytes:
    user = struct.pack("<HHLLLL", 0, 0x0FF6, 20, 20, mark, 0)
    slides = struct.pack("<HHL", 0x000F, 0x03E8, 8) + b"\0" * 8 + content
    return compound({"Current User": user, "PowerPoint Document": slides.ljust(SMALL_BELOW, b"\0")} | streams)


def packed_storage(streams: Streams) -> bytes:
    """An object inside a presentation; PowerPoint leaves the end of the packed data out, and so does this."""
    storage = compound(streams)
    packer = zlib.compressobj()
    packed = packer.compress(storage) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff" * 6
    return struct.pack("<HHLL", 0x0010, 0x1011, 4 + len(packed), len(storage)) + packed


def outlook_message(**streams: bytes) -> bytes:
    named = {f"__nameid_version1.0/__substg1.0_000{number}0102": b"" for number in (2, 3, 4)}
    texts = {"001A": "IPM.Note", "0037": "Approval of the workshop"}
    said = {f"__substg1.0_{number}001F": text.encode("utf-16-le") for number, text in texts.items()}
    return compound({"__properties_version1.0": b"\0" * 48} | named | said | streams)


def attachment(name: str, content: bytes, number: int = 0) -> Streams:
    storage = f"__attach_version1.0_#{number:08d}"
    return {
        f"{storage}/__properties_version1.0": b"\0" * 8,
        f"{storage}/__substg1.0_3707001F": name.encode("utf-16-le"),
        f"{storage}/__substg1.0_37010102": content,
    }
