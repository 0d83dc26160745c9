"""The XML inside a workbook, read in pieces without building a tree: shared texts, and the rows of a sheet."""

from array import array
from collections.abc import Callable
from xml.parsers import expat

from django.utils.translation import gettext as _

from .refusals import TableRefused
from .rows import Row

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
TOKEN_AT_MOST = 256 * 1024
TEXT_AT_MOST = 32 * 1024  # what Excel lets a cell hold
FIRST = 100
TEXTS_AT_MOST = 3_000_000
BYTES_OF_TEXTS_AT_MOST = 96 * 1024 * 1024
ROW_AT_MOST = 1_048_576
NO_TEXTS = {"b", "d", "e"}  # truth, date, error
EXACT = 1e15  # up to here a spreadsheet program keeps every digit of a number
DIGITS = "0123456789"


class XmlReader:
    """Feeds expat with what the reader does at the start and the end of each element."""

    def __init__(self) -> None:
        self.fed = 0
        self.text = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.StartElementHandler = self.begin

    def begin(self, root: str, attributes: dict[str, str]) -> None:
        """The first element tells how this file writes the names of all others: plain, or with a prefix."""
        start, end = self.handlers(root.removesuffix(local(root)))
        self.parser.StartElementHandler, self.parser.EndElementHandler = start, end
        self.parser.CharacterDataHandler = self.hear

    def handlers(self, prefix: str) -> tuple[Start, End]:
        """What to do at each start and end; every name of this file begins with the prefix."""
        raise NotImplementedError

    def feed(self, piece: bytes) -> None:
        self.fed += len(piece)
        self.parse(piece)
        # Older expats read an unfinished token from its start again with every piece.
        if self.fed - self.parser.CurrentByteIndex > TOKEN_AT_MOST:
            raise unreadable()

    def close(self) -> None:
        self.parse(b"", final=True)

    def parse(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self.parser.Parse(piece, final)
        except TableRefused:
            raise
        except (expat.ExpatError, ValueError) as error:
            raise unreadable() from error

    def refuse_doctype(self, *declaration: object) -> None:
        raise unreadable()

    def hear(self, text: str) -> None:
        self.text += text
        if len(self.text) > TEXT_AT_MOST:
            raise unreadable()


def unreadable() -> TableRefused:
    return TableRefused(
        _("This workbook cannot be read. Open it, save it as “Excel Workbook (.xlsx)”, and upload that.")
    )


def elements(content: bytes) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small document by its local name, with its attributes by theirs."""
    found: list[tuple[str, dict[str, str]]] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    reader = XmlReader()
    reader.parser.StartElementHandler = note
    reader.feed(content)
    reader.close()
    return found


def local(name: str) -> str:
    return name.rpartition(":")[2]


class SharedTexts(XmlReader):
    """The texts that cells point to by number; one run of bytes: a million strings would take three times as much."""

    def __init__(self) -> None:
        super().__init__()
        self.content = bytearray()
        self.borders = array("Q", [0])
        # The first ones name the types of ID, and are asked for in every row.
        self.first: dict[int, str] = {}
        self.before = ""

    def __getitem__(self, number: int) -> str:
        if number in self.first:
            return self.first[number]
        if not 0 <= number < len(self.borders) - 1:
            raise unreadable()
        text = self.content[self.borders[number] : self.borders[number + 1]].decode()
        if number < FIRST:
            self.first[number] = text
        return text

    def handlers(self, prefix: str) -> tuple[Start, End]:
        text, spoken = prefix + "si", prefix + "rPh"

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == text:
                self.text = ""
            elif name == spoken:
                self.before = self.text

        def end(name: str) -> None:
            if name == text:
                self.keep()
            elif name == spoken:
                # How a text is spoken stands beside it, and is no part of it.
                self.text = self.before

        return start, end

    def keep(self) -> None:
        self.content += self.text.encode(errors="replace")
        self.borders.append(len(self.content))
        if len(self.borders) > TEXTS_AT_MOST or len(self.content) > BYTES_OF_TEXTS_AT_MOST:
            raise unreadable()


class SheetReader(XmlReader):
    """Collects the rows of a sheet as they go by; whoever feeds it takes them away after each piece."""

    def __init__(self, texts: SharedTexts, columns: int) -> None:
        super().__init__()
        self.texts, self.beyond = texts, columns
        self.columns = {letters(number): number for number in range(columns)}
        self.rows: list[Row] = []
        self.line = self.column = 0
        self.cells = [""] * columns
        self.trouble = self.place = self.kind = ""

    def taken(self) -> list[Row]:
        rows, self.rows = self.rows, []
        return rows

    def handlers(self, prefix: str) -> tuple[Start, End]:
        """One function for all elements, and few look-ups: a million rows have five million of them."""
        row, cell, formula = (prefix + name for name in ("row", "c", "f"))
        texts, columns, beyond = self.texts, self.columns, self.beyond

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == cell:
                place = self.place = attributes.get("r", "")
                self.column = columns.get(place.rstrip(DIGITS), beyond) if place else self.column + 1
                self.kind = attributes.get("t", "n")
                self.text = ""
            elif name == row:
                self.start_row(attributes)
            elif name == formula:
                text = _(
                    "Cell %(cell)s holds a formula. Replace it by its value (copy, then paste as values)."
                )
                self.trouble = text % {"cell": self.place or self.line}

        def end(name: str) -> None:
            if name == cell:
                if text := self.text:
                    value = texts[int(text)] if self.kind == "s" else self.read(text)
                    if self.column < beyond:
                        self.cells[self.column] = value
                    else:
                        self.cells.append(value)
            elif name == row:
                self.rows.append((self.line, self.cells, self.trouble))

        return start, end

    def start_row(self, attributes: dict[str, str]) -> None:
        before = self.line
        self.line = int(attributes["r"]) if "r" in attributes else before + 1
        if not before < self.line <= ROW_AT_MOST:
            raise unreadable()
        self.column, self.cells, self.trouble = -1, [""] * self.beyond, ""
        if attributes.get("hidden") in {"1", "true"}:
            self.trouble = _("This row is hidden. Clear the filter and show it, or delete it.")

    def read(self, text: str) -> str:
        """What a cell says that holds its value itself."""
        if self.kind == "n":
            return plain(text)
        if self.kind in NO_TEXTS:
            advice = _("Cell %(cell)s holds a date, a yes or no, or an error. Write it as text or number.")
            self.trouble = self.trouble or advice % {"cell": self.place or self.line}
        return text


def letters(number: int) -> str:
    """What spreadsheet programs call a column: A for the first, AA for the one after Z."""
    before = letters(number // 26 - 1) if number > 25 else ""
    return before + chr(ord("A") + number % 26)


def plain(number: str) -> str:
    """A number as people write it: Excel keeps 4983154 also as 4983154.0 or 4.983154E6."""
    if number.isdigit():
        return number
    try:
        value = float(number)
    except ValueError:
        return number
    return str(int(value)) if value.is_integer() and abs(value) < EXACT else number
