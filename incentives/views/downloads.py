from typing import Any, Protocol

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


class Stored(Protocol):
    """A row that keeps an uploaded file."""

    file: Any
    name: Any

    @property
    def content_type(self) -> Any: ...


def handed_out(stored: Stored) -> FileResponse:
    """The file as an attachment that no browser runs or shows inside the portal (POE-2, U10)."""
    file: FieldFile = stored.file
    try:
        content = file.open("rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    response = FileResponse(
        content, as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
