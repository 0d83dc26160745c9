"""Adding, removing and handing out proof-of-execution files (POE-2)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from incentives.models import User

from . import malware
from .filekinds import FileKind, FileRefused, clean_name, inspect
from .lifecycle import Refused, ask, deed, lock, record
from .models import Claim, Document, Slot
from .states import Party


class TooLarge(Refused):
    """A file is larger than the limit; answered with 413."""


def check(upload: UploadedFile) -> FileKind:
    """Look inside a file before anything is stored; raises Refused with what to do (POE-2)."""
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
        raise Refused(f"{clean_name(name)}: {refusal.message}") from refusal
    return kind


def add(
    claim: Claim,
    slot: Slot,
    uploads: Sequence[UploadedFile],
    *,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None = None,
) -> list[Document]:
    """Store every file, or none; a form that is sent twice stores its files once (R06)."""
    # Before anything is locked: looking into files takes its time, and nobody else should wait for it.
    kinds = [check(upload) for upload in uploads]
    return keep(claim, slot, list(zip(uploads, kinds, strict=True)), by=by, now=now, form_key=form_key)


@deed
def keep(
    claim: Claim,
    slot: Slot,
    checked: Sequence[tuple[UploadedFile, FileKind]],
    *,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None,
) -> list[Document]:
    """Store files that were looked into: all of them, or none."""
    lock(claim, now=now)
    ask(claim, "change_files", Party.PARTNER, now=now)
    if claim.documents.current().count() + len(checked) > settings.UPLOAD_MAX_FILES:
        raise Refused(
            _("A claim holds at most %(limit)s files. Remove some first.")
            % {"limit": settings.UPLOAD_MAX_FILES}
        )
    if form_key and claim.documents.filter(form_key=form_key).exists():
        return []
    stored: list[Document] = []
    try:
        for upload, kind in checked:
            stored.append(store(claim, slot, upload, kind, by=by, now=now, form_key=form_key))
    except BaseException:
        for document in stored:
            document.file.delete(save=False)
        raise
    Claim.objects.filter(pk=claim.pk).update(updated_at=now)
    return stored


def store(
    claim: Claim,
    slot: Slot,
    upload: UploadedFile,
    kind: FileKind,
    *,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None,
) -> Document:
    document = Document(
        claim=claim,
        slot=slot,
        name=clean_name(upload.name or ""),
        extension=kind.extension,
        content_type=kind.content_type,
        size=upload.size or 0,
        sha256=digest_of(upload),
        uploaded_by=by,
        uploaded_at=now,
        form_key=form_key,
    )
    upload.seek(0)
    document.file.save(document.name, upload, save=False)
    document.save()
    record(claim, "add_document", party=Party.PARTNER, by=by, now=now, detail=document.name)
    return document


def digest_of(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


@deed
def remove(claim: Claim, documents: Sequence[Document], *, by: User, now: datetime) -> None:
    """Take files out of the claim; they stay kept for audit, out of the partner's reach."""
    lock(claim, now=now)
    ask(claim, "change_files", Party.PARTNER, now=now)
    for document in Document.objects.current().filter(claim=claim, pk__in=[d.pk for d in documents]):
        document.removed_at, document.removed_by = now, by
        document.save(update_fields=["removed_at", "removed_by"])
        record(claim, "remove_document", party=Party.PARTNER, by=by, now=now, detail=document.name)
    Claim.objects.filter(pk=claim.pk).update(updated_at=now)
