"""Documents as partners upload them: real ones from the libraries that write them, hostile ones by hand."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import cache

import docx
import fpdf
import msoffcrypto.format.ooxml
import openpyxl
import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

# By what is wrong: the code of the refusal, and how the file is made.
Cases = dict[str, tuple[str, Callable[[], bytes]]]
Pack = Callable[[bytes], bytes]
OBJECT_STREAM = b"/Type/ObjStm/Filter/FlateDecode"


# --- documents of today ---


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


@cache
def pdf_document(*, compressed: bool = True) -> bytes:
    document = fpdf.FPDF()
    document.set_compression(compressed)
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(
        text="Claim 3042516, see https://contoso.com/docs/JavaScript",
        link="https://contoso.com/docs/JavaScript",
    )
    return bytes(document.output())


@cache
def word_document() -> bytes:
    document = docx.Document()
    document.add_heading("Workshop report")
    document.add_table(rows=2, cols=2)
    return saved(document.save)


@cache
def excel_workbook() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "Claim"
    workbook.active["A1"].hyperlink = "https://contoso.com"
    return saved(workbook.save)


@cache
def powerpoint_presentation() -> bytes:
    """With a chart, which carries a workbook of its own."""
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    figures = CategoryChartData()
    figures.categories = ["May", "June"]
    figures.add_series("Hours", (8, 16))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(4), Inches(3), figures)
    return saved(presentation.save)


def with_password(document: bytes) -> bytes:
    return saved(
        lambda file: msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(document)).encrypt("secret", file)
    )


# --- Open XML taken apart and put together again ---


def parts(document: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        return {name: package.read(name) for name in package.namelist()}


def package(
    members: Iterable[tuple[str, bytes]], *, comment: bytes = b"", packing: int = 8, gap_after: str = ""
) -> bytes:
    """An archive; something that is no member can follow one of its members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members:
            archive.writestr(name, content)
            if name == gap_after:
                file.seek(archive.start_dir)
                archive.start_dir += file.write(b"x" * 100)
        archive.comment = comment
    return file.getvalue()


def changed(document: bytes, **changes: bytes | None) -> bytes:
    """The document with parts replaced, added or (None) left out; keywords are part names."""
    return package(
        (name, content) for name, content in (parts(document) | changes).items() if content is not None
    )


def replaced(document: bytes, part: str, old: bytes, new: bytes) -> bytes:
    content = parts(document)[part]
    assert old in content
    return changed(document, **{part: content.replace(old, new, 1)})


def with_relation(document: bytes, part: str, kind: str, target: str, mode: str = "External") -> bytes:
    relation = (
        f'<Relationship Id="rId999" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
        f' Target="{target}" TargetMode="{mode}"/></Relationships>'
    )
    return replaced(document, part, b"</Relationships>", relation.encode())


def with_type(document: bytes, content_type: str) -> bytes:
    override = f'<Override PartName="/x" ContentType="{content_type}"/></Types>'
    return replaced(document, "[Content_Types].xml", b"</Types>", override.encode())


def with_field(*runs: str, document: bytes = b"") -> bytes:
    """A Word document with one more field, whose instruction is split over these runs."""
    text = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{side}"/></w:r>' for side in ("begin", "end"))
    field = f"<w:p>{begin}{text}{end}</w:p></w:body>".encode()
    return replaced(document or word_document(), "word/document.xml", b"</w:body>", field)


# --- PDF by hand ---


def pdf(*objects: bytes, catalog: bytes = b"", trailer: bytes = b"") -> bytes:
    """A PDF of one page; further objects are numbered from 4."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    root = b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>"
    content, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate((root, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, *objects), 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(content), len(places) + 1
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R" % (size, rows, size)
    return content + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % start


def pdf_stream(content: bytes, dictionary: bytes = b"/Filter/FlateDecode") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def packed_objects(*objects: bytes, dictionary: bytes = OBJECT_STREAM, pack: Pack = zlib.compress) -> bytes:
    places = [sum(len(body) + 1 for body in objects[:number]) for number in range(len(objects))]
    header = b" ".join(b"%d %d" % (10 + number, place) for number, place in enumerate(places)) + b"\n"
    packed = pack(header + b" ".join(objects))
    return pdf_stream(packed, dictionary + b"/N %d/First %d" % (len(objects), len(header)))
