"""The life of an uploaded list: received, taken by one worker, read, merged or refused; cancelled, or picked up again.

The promises: a file is taken as a whole or not at all; files for one list are taken one after the other, in the order
in which they came; a worker that dies leaves the list as it was, and the file is read again by another.
"""

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from incentives.long_work import (
    LEASE,
    Hold,
    LongWorkQuerySet,
    Watch,
    carry_out,
    delete_left_overs,
    queue_again,
    sweep,
)
from incentives.models import User
from incentives.tables import names
from incentives.tables.refusals import TableRefused
from incentives.uploads import digest_of
from mail import queue

from ..models import Engagement, ListUpload
from ..models.uploads import FOLDER
from . import reading, staging
from .reading import Tally

State = ListUpload.State
READER = "engagements.tasks.read_list_upload"
LEASE_TO_WRITE = timedelta(minutes=15)
READ, WRITE = 90, 95  # percent: all has been read; the list is being written


class TooLate(Exception):
    """The upload is being written, or is finished: it can no longer be cancelled."""


# --- at the desk ---


def receive(
    engagement: Engagement,
    file: UploadedFile,
    *,
    mode: str,
    by: User,
    now: datetime,
    form_key: uuid.UUID | None = None,
) -> ListUpload:
    """Keep the file and queue it; a form that is sent twice is one upload (R06).

    Raises TableRefused for what is no list by its name or size.
    """
    name = names.check(file, at_most=settings.LIST_UPLOAD_MAX_BYTES)
    form = ListUpload.objects.filter(engagement=engagement, uploaded_by=by, form_key=form_key or uuid.uuid4())
    if known := form.first():
        return known
    upload = ListUpload(
        engagement=engagement,
        mode=mode,
        name=name,
        size=file.size or 0,
        sha256=digest_of(file),
        uploaded_by=by,
        uploaded_at=now,
        form_key=form_key,
    )
    upload.file.save(name, file, save=False)
    try:
        with transaction.atomic():
            upload.save()
    except BaseException as error:
        upload.file.delete(save=False)
        if isinstance(error, IntegrityError) and (known := form.first()):
            return known
        raise
    queue.after_commit(READER, upload.pk)
    return upload


def cancel(upload: ListUpload, *, by: User, now: datetime) -> None:
    """Stop an upload before its rows are written; the list stays as it is. Raises TooLate afterwards."""
    facts = {"state": State.CANCELLED, "cancelled_by": by, "finished_at": now, "lease_until": None}
    if not ListUpload.objects.filter(pk=upload.pk, state__in=ListUpload.CANCELLABLE).update(**facts):
        raise TooLate
    transaction.on_commit(lambda: see_off(upload), robust=True)


# --- in the background ---


class Reading(Hold):
    """A hold on an upload that tells how far its file is read."""

    def tell(self, tally: Tally, share: float) -> None:
        self.keep(rows=tally.rows, bad=tally.bad, percent=int(share * READ))


def read(pk: int, *, now: datetime) -> None:
    """Take the upload if its turn has come, and see it through to its end; safe beside itself and when repeated."""
    upload = take(pk, now=now)
    if upload is None:
        return
    carry_out(Reading(upload, Watch(now)), see_through, give_back)
    see_off(upload)


@transaction.atomic
def take(pk: int, *, now: datetime) -> ListUpload | None:
    """Mark the upload as read by this worker, unless another has it or an earlier one of its list is not finished."""
    upload = ListUpload.objects.select_related("engagement").filter(pk=pk, state=State.QUEUED).first()
    if upload is None:
        return None
    # Whoever takes uploads of this list decides one after the other.
    Engagement.objects.select_for_update(no_key=True).get(pk=upload.engagement_id)
    if ListUpload.objects.unfinished().filter(engagement=upload.engagement, pk__lt=pk).exists():
        return None
    taken = ListUpload.objects.filter(pk=pk, state=State.QUEUED).update(
        state=State.READING, attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    if not taken:
        return None
    upload.bad_rows.all().delete()
    upload.refresh_from_db(fields=["state", "attempts"])
    return upload


def see_through(hold: Reading) -> None:
    """Read the file, then refuse it or bring the list in line with it."""
    upload = hold.piece
    with staging.staged():
        try:
            with upload.file.open("rb") as file:
                tally = reading.read(upload, file.file, tell=hold.tell)
        except TableRefused as refusal:
            return hold.end(State.REFUSED, reason=str(refusal))
        if tally.bad:
            return hold.end(State.REFUSED)
        hold.keep(lease=LEASE_TO_WRITE, state=State.WRITING, percent=WRITE)
        with transaction.atomic():
            # While this row is locked, the sweep does not take it for one that was left behind.
            hold.mine().select_for_update().get()
            replace = upload.mode == ListUpload.Mode.REPLACE
            outcome = staging.merge(upload.engagement_id, rows=tally.rows, replace=replace)
            hold.end(State.DONE, percent=100, **asdict(outcome))
    return None


def see_off(upload: ListUpload) -> None:
    """Remove the file of a finished upload, and let the next one of its list begin."""
    if ListUpload.objects.unfinished().filter(pk=upload.pk).exists():
        return
    upload.file.delete(save=False)
    queued = ListUpload.objects.filter(engagement=upload.engagement_id, state=State.QUEUED)
    if following := queued.order_by("pk").first():
        queue.hurry(READER, following.pk)


# --- sweeps ---


def give_back(uploads: LongWorkQuerySet, *, now: datetime) -> None:
    """Queue again what a worker left unfinished; what is given up has left the list as it was."""
    reason = _(
        "Reading this file broke off three times. Nothing was changed. Upload it again, or ask for support."
    )
    queue_again(uploads, reason=reason, now=now, percent=0, rows=0, bad=0)


def tend(*, now: datetime) -> None:
    """The sweep: pick up what a dead worker left behind, and read whatever waits."""
    sweep(ListUpload.objects.all(), read, give_back, now=now)


def remove_left_overs(*, now: datetime) -> int:
    """Delete files that no unfinished upload needs; returns how many."""
    needed = set(ListUpload.objects.unfinished().values_list("file", flat=True))
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return 0
    return delete_left_overs((f"{FOLDER}/{name}" for name in names), needed, now=now)
