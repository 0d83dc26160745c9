"""XML from strangers, read in pieces without building a tree: no document types, no depths, no endless tokens (U06)."""

import re
from collections.abc import Callable
from xml.parsers import expat

from .pieces import Allowance
from .refusals import FileRefused

TOKEN_AT_MOST = 1024 * 1024
DEPTH_AT_MOST = 1000
ELEMENTS_AT_MOST = 1_500_000
DESCRIPTIONS_AT_MOST = 100_000
PROLOG_AT_MOST = 128 * 1024
FIELD_START = 40


class XmlReader:
    """Feeds expat and refuses what could exhaust it; subclasses look at the elements."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        self.elements = Allowance(ELEMENTS_AT_MOST)
        self.fed = self.depth = 0
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
        self.elements.spend(1)
        self.depth += 1
        if self.depth > DEPTH_AT_MOST:
            raise FileRefused("too_complex")

    def end(self, name: str) -> None:
        self.depth -= 1


class PrologReader(XmlReader):
    """Reads as far as the first element, before which a document type would stand."""

    def feed(self, piece: bytes) -> None:
        if not self.depth:
            super().feed(piece)
            if not self.depth and self.fed > PROLOG_AT_MOST:
                raise FileRefused("too_complex")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        self.parser.StartElementHandler = self.parser.EndElementHandler = None

    def close(self) -> None:
        if not self.depth:
            raise FileRefused("damaged")


class AttributeReader(XmlReader):
    """Shows the name and the attributes of every element, for the small parts that describe a package."""

    def __init__(self, allowance: Allowance, look: Callable[[str, dict[str, str]], None]) -> None:
        super().__init__(allowance)
        self.elements = Allowance(DESCRIPTIONS_AT_MOST)
        self.look = look

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        self.look(name.rpartition(":")[2], attributes)


class FieldReader(XmlReader):
    """Refuses Word fields that start a program (DDE), also where their text is split over runs."""

    COMMAND = re.compile(r"(?i)\s*DDE(?:AUTO)?\b")

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(allowance)
        self.field = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
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
        super().end(name)
        if name.endswith("instrText"):
            self.parser.CharacterDataHandler = None

    def text(self, text: str) -> None:
        self.field = (self.field + text).lstrip()[:FIELD_START]
        if self.COMMAND.match(self.field):
            raise FileRefused("external")
