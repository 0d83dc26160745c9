"""Documents for the demo: small, but real, so that they pass every check an upload must pass."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PACKAGES = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
# One instant for every member, so that the same words always make the same file.
MADE = (2026, 1, 1, 0, 0, 0)


def letter(title: str, sections: Sequence[tuple[str, str]]) -> bytes:
    """A Word document with a title and, for each section, a heading and what to write below it."""
    body = paragraph(title, size=36, bold=True)
    for heading, words in sections:
        body += paragraph(heading, size=26, bold=True) + paragraph(words, size=22) + paragraph("", size=22)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGES}/content-types">'
        f'<Default Extension="rels" ContentType="{RELATIONS}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGES}/relationships"><Relationship Id="rId1"'
        f' Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, MADE), HEAD + content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def paragraph(words: str, *, size: int, bold: bool = False) -> str:
    """One paragraph; the size is in half points, as Word counts."""
    look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/></w:rPr>'
    return f'<w:p><w:r>{look}<w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'
