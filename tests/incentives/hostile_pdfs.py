"""PDF files that nobody should be able to upload: for each the reason of its refusal, and how it is made."""

import zlib

from .documents import Cases, package, packed_objects, pdf, pdf_document, pdf_stream

JAVASCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


def disguised(name: bytes) -> bytes:
    return b"".join(b"#%02x" % letter for letter in name)


def packed_twice(kind: bytes) -> bytes:
    filters = b"/Filter[/ASCIIHexDecode/FlateDecode]"
    return packed_objects(
        JAVASCRIPT, dictionary=kind + filters, pack=lambda content: zlib.compress(content).hex().encode()
    )


HIDDEN_SCRIPT = packed_objects(b"<</Type/Font>>", JAVASCRIPT)
PDFS: Cases = {
    "something before the header": ("mixed", lambda: b"GIF89a" + pdf_document()),
    "not a PDF": ("mismatch", lambda: b"GIF89a" + bytes(2000)),
    "an unknown version": ("mismatch", lambda: pdf_document().replace(b"%PDF-1.3", b"%PDF-9.9")),
    "an archive after the end": ("mixed", lambda: pdf_document() + package([("a.txt", b"hello")])),
    "an archive that ends in the PDF's end": (
        "mixed",
        lambda: pdf_document() + package([("a.txt", b"x")], comment=b"\nstartxref\n0\n%%EOF\n"),
    ),
    "data after the end": ("damaged", lambda: pdf_document() + b"MZ\x90\x00" * 10),
    "half the file": ("damaged", lambda: pdf_document()[: len(pdf_document()) // 2]),
    "an end that points elsewhere": ("damaged", lambda: pdf().replace(b"startxref\n", b"startxref\n1")),
    "no catalogue": ("damaged", lambda: pdf().replace(b"/Root", b"/Toor")),
    "much before the first object": (
        "mixed",
        lambda: pdf().replace(b"1 0 obj", b"<script></script>" * 200 + b"1 0 obj", 1),
    ),
    "a script": ("active", lambda: pdf(JAVASCRIPT, catalog=b"/OpenAction 4 0 R")),
    "a script with a disguised name": (
        "active",
        lambda: pdf(JAVASCRIPT.replace(b"/JavaScript", b"/J#61vaScript")),
    ),
    "a script with a name all in disguise": (
        "active",
        lambda: pdf(JAVASCRIPT.replace(b"JavaScript", disguised(b"JavaScript"))),
    ),
    "a script in a packed object": ("active", lambda: pdf(HIDDEN_SCRIPT)),
    "a disguised name in a packed object": (
        "active",
        lambda: pdf(packed_objects(JAVASCRIPT.replace(b"Java", b"#4a#61va"))),
    ),
    "packed objects that do not say so": (
        "active",
        lambda: pdf(packed_objects(JAVASCRIPT, dictionary=b"/Filter/FlateDecode")),
    ),
    "packed objects, packed twice": ("active", lambda: pdf(packed_twice(b"/Type/ObjStm"))),
    "packed objects of a disguised kind": (
        "active",
        lambda: pdf(HIDDEN_SCRIPT.replace(b"/ObjStm", b"/Obj#53tm")),
    ),
    "packed objects of a kind written elsewhere": (
        "active",
        lambda: pdf(packed_twice(b"/Type 5 0 R"), b"/ObjStm"),
    ),
    "packed objects with a comment between": (
        "active",
        lambda: pdf(HIDDEN_SCRIPT.replace(b"/Filter", b"%\n/Filter")),
    ),
    "packed objects cut off": (
        "damaged",
        lambda: pdf(pdf_stream(zlib.compress(b"1 0 <<>>")[:-8], b"/Type/ObjStm/Filter/FlateDecode")),
    ),
    "a kind of action written elsewhere": ("active", lambda: pdf(b"<</S % see\n 5 0 R>>", b"null")),
    "a command": ("active", lambda: pdf(b"<</S/Launch/F(cmd.exe)>>")),
    "a command beside a string": ("active", lambda: pdf(b"<</A(\\))/S/Launch/F(cmd.exe)>>")),
    "a form that sends itself": ("active", lambda: pdf(b"<</S/SubmitForm/F(https://contoso.com)>>")),
    "a form in XML": ("active", lambda: pdf(b"<</XFA 5 0 R>>", b"null")),
    "a jump to another file": ("active", lambda: pdf(rb"<</S/GoToE/F(\\\\server\\share)>>")),
    "media": ("active", lambda: pdf(b"<</Type/Annot/Subtype/RichMedia>>")),
    "an attached file": ("embedded", lambda: pdf(catalog=b"/Names<</EmbeddedFiles 4 0 R>>")),
    "a pinned file": ("embedded", lambda: pdf(b"<</Type/Annot/Subtype/FileAttachment>>")),
    "encryption": ("password", lambda: pdf(b"<</Filter/Standard/V 2>>", trailer=b"/Encrypt 4 0 R")),
    "a bomb": ("too_complex", lambda: pdf(packed_objects(b" " * 40_000_000))),
    "doubtful names without end": ("too_complex", lambda: pdf(b"(/Launch)" * 110_000)),
    "streams without end": ("too_complex", lambda: pdf(b"stream\n" * 110_000)),
}
