"""XML from strangers, read in pieces without building a tree: no document types, no depths, no endless tokens (U06)."""

import re
from collections.abc import Callable
from xml.parsers import expat

from .pieces import Allowance
from .refusals import FileRefused

TOKEN_AT_MOST = 1024 * 1024
DEPTH_AT_MOST = 1000
# Elements and attributes of one part.
UNITS_AT_MOST = 1_000_000
DESCRIPTIONS_AT_MOST = 400_000
PROLOG_AT_MOST = 128 * 1024
FIELD_START = 40


class XmlReader:
    """Feeds expat and refuses what could exhaust it; subclasses are shown the elements they look for."""

    units_at_most = UNITS_AT_MOST
    endings: tuple[str, ...] = ("",)  # of the names of these elements, whatever their prefix

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.fed = self.depth = self.units = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def feed(self, piece: bytes) -> None:
        self.allowance.spend(len(piece))
        self.fed += len(piece)
        self.parse(piece)
        # Older expats read an unfinished token from its start again with every piece.
        if self.fed - self.parser.CurrentByteIndex > TOKEN_AT_MOST:
            raise FileRefused("too_complex")

    def close(self) -> None:
        self.parse(b"", final=True)

    def parse(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise FileRefused("damaged") from error

    def doctype(self, *declaration: object) -> None:
        raise FileRefused("external")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.units += 1 + len(attributes)
        if self.depth > DEPTH_AT_MOST or self.units > self.units_at_most:
            raise FileRefused("too_complex")
        if name.endswith(self.endings):
            self.found(name, attributes)

    def found(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, name: str) -> None:
        self.depth -= 1


class PrologReader(XmlReader):
    """Reads as far as the first element, before which a document type would stand."""

    def feed(self, piece: bytes) -> None:
        if not self.depth:
            super().feed(piece)
            if not self.depth and self.fed > PROLOG_AT_MOST:
                raise FileRefused("too_complex")

    def found(self, name: str, attributes: dict[str, str]) -> None:
        self.parser.StartElementHandler = self.parser.EndElementHandler = None

    def close(self) -> None:
        if not self.depth:
            raise FileRefused("damaged")


class AttributeReader(XmlReader):
    """Shows the name and the attributes of every element, for the small parts that describe a package."""

    units_at_most = DESCRIPTIONS_AT_MOST

    def __init__(self, allowance: Allowance, look: Callable[[str, dict[str, str]], None]) -> None:
        super().__init__(allowance)
        self.look = look

    def found(self, name: str, attributes: dict[str, str]) -> None:
        self.look(name.rpartition(":")[2], attributes)


class FieldReader(XmlReader):
    """Refuses Word fields that start a program (DDE), also where their text is split over runs."""

    endings = ("instrText", "fldChar", "fldSimple")
    COMMAND = re.compile(r"(?i)\s*DDE(?:AUTO)?\b")

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(allowance)
        self.field = ""

    def found(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("instrText"):
            self.parser.CharacterDataHandler = self.text
        elif name.endswith("fldChar"):
            self.field = ""
        elif name.endswith("fldSimple"):
            for attribute, value in attributes.items():
                if attribute.endswith("instr"):
                    self.field = ""
                    self.text(value)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.parser.CharacterDataHandler = None

    def text(self, text: str) -> None:
        self.field = (self.field + text).lstrip()[:FIELD_START]
        if self.COMMAND.match(self.field):
            raise FileRefused("external")
