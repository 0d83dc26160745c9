"""What a table is called and how large it is: what can be told of an upload before it is read."""

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from ..filekinds import clean_name
from .refusals import TableRefused

KINDS = {".csv", ".xlsx"}


class TooLarge(TableRefused):
    """The file is larger than the limit; answered with 413."""


def check(file: UploadedFile, *, at_most: int) -> str:
    """The name to show; raises TableRefused when it, or the size in bytes, is not that of a table."""
    name = clean_name(file.name or "")
    stem, dot, extension = name.rpartition(".")
    if dot + extension.lower() not in KINDS:
        raise TableRefused(_("Upload a CSV file (.csv) or an Excel workbook (.xlsx)."))
    if not file.size:
        raise TableRefused(_("This file is empty. Check that the list was saved completely."))
    if (file.size or 0) > at_most:
        text = _("This file is larger than %(limit)s MB. Save it as CSV, or divide it into several files.")
        raise TooLarge(text % {"limit": at_most // (1024 * 1024)})
    return f"{stem}.{extension.lower()}"
