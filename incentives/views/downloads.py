"""Files that are sent to people: as attachments that no browser runs, shows in the portal, or keeps (POE-2, U10)."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, StreamingHttpResponse

from ..cells import CSV_TYPE
from ..workbooks import XLSX_TYPE

PRIVATE = {"Cache-Control": "private, no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}


class Stored(Protocol):
    """A row that keeps an uploaded file."""

    file: Any
    name: Any

    @property
    def content_type(self) -> Any: ...


def handed_out(stored: Stored) -> FileResponse:
    """A stored file under its own name; raises Http404 where it is lost."""
    file: FieldFile = stored.file
    try:
        content = file.open("rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    kind = stored.content_type
    return FileResponse(content, as_attachment=True, filename=stored.name, content_type=kind, headers=PRIVATE)


def csv_file(name: str, lines: Iterable[str] | Iterable[bytes]) -> StreamingHttpResponse:
    """A CSV file, sent while it is made; its name is one of ours, in plain letters."""
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=CSV_TYPE, headers=headers)


def workbook_file(name: str, write: Callable[[Path], None]) -> FileResponse:
    """A workbook, which can only be sent when it is whole; its file is gone from the disk as soon as it is open."""
    with tempfile.TemporaryDirectory(prefix="workbook-") as folder:
        path = Path(folder) / "file"
        write(path)
        content = path.open("rb")
    return FileResponse(content, as_attachment=True, filename=name, content_type=XLSX_TYPE, headers=PRIVATE)
