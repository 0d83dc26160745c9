"""Adding, removing and handing out proof-of-execution files (POE-2)."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from incentives import uploads
from incentives.filekinds import FileKind
from incentives.models import User

from .lifecycle import Refused, ask, deed, lock, record
from .models import Claim, Document, Slot
from .states import Party


class TooLarge(Refused):
    """A file is larger than the limit; answered with 413."""


def check(upload: UploadedFile) -> FileKind:
    """Look inside a file before anything is stored; raises Refused with what to do (POE-2)."""
    try:
        return uploads.check(upload)
    except uploads.TooLarge as refusal:
        raise TooLarge(str(refusal)) from refusal
    except uploads.UploadRefused as refusal:
        raise Refused(str(refusal)) from refusal


def add(
    claim: Claim,
    slot: Slot,
    files: Sequence[UploadedFile],
    *,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None = None,
) -> list[Document]:
    """Store every file, or none; a form that is sent twice stores its files once (R06)."""
    # Before anything is locked: looking into files takes its time, and nobody else should wait for it.
    kinds = [check(file) for file in files]
    return keep(claim, slot, list(zip(files, kinds, strict=True)), by=by, now=now, form_key=form_key)


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
        for file, kind in checked:
            stored.append(store(claim, slot, file, kind, by=by, now=now, form_key=form_key))
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
        **uploads.facts_of(upload, kind),
        uploaded_by=by,
        uploaded_at=now,
        form_key=form_key,
    )
    document.file.save(document.name, upload, save=False)
    document.save()
    record(claim, "add_document", party=Party.PARTNER, by=by, now=now, detail=document.name)
    return document


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
