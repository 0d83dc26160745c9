"""Files that people upload: looked into before anything is stored, kept under names that nobody can guess (POE-2)."""

import hashlib
import uuid
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from . import malware
from .filekinds import FileKind, FileRefused, clean_name, inspect


class UploadRefused(Exception):
    """A file is not taken; the message names the file and says what to do."""


class TooLarge(UploadRefused):
    """A file is larger than the limit; answered with 413."""


def check(upload: UploadedFile) -> FileKind:
    """Look inside a file before anything is stored: size, kind, content, malware; raises UploadRefused."""
    # Django's types allow for uploads without name, size or content; the ones that it received have all three.
    name, content = upload.name or "", cast(BinaryIO, upload.file)
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        raise TooLarge(
            _("%(name)s is larger than %(limit)s MB. Make it smaller, for example by compressing pictures.")
            % {"name": name, "limit": limit}
        )
    try:
        kind = inspect(content, name)
        malware.scan(content, settings.MALWARE_SCANNER)
    except FileRefused as refusal:
        raise UploadRefused(f"{clean_name(name)}: {refusal.message}") from refusal
    return kind


def facts_of(upload: UploadedFile, kind: FileKind) -> dict[str, Any]:
    """What is recorded beside a stored file; leaves the upload ready to be read from its start."""
    return {
        "name": clean_name(upload.name or ""),
        "extension": kind.extension,
        "content_type": kind.content_type,
        "size": upload.size or 0,
        "sha256": digest_of(upload),
    }


def digest_of(upload: UploadedFile) -> str:
    """The SHA-256 of the content; leaves the upload ready to be read from its start."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def random_name(folder: str) -> str:
    """A name in storage that nobody can guess and that says nothing about the content."""
    key = uuid.uuid4().hex
    return f"{folder}/{key[:2]}/{key}"
