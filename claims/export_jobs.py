"""The life of an export in the background: asked for, made by one worker, fetched, expired; cancelled or made again.

The promises: a form that is sent twice is one export; a file appears when it is whole, or not at all; a worker that
dies leaves nothing behind, and the file is made again by another; only the person who asked gets it, and only while
they still hold a role for every location in it.
"""

import tempfile
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
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
from incentives.models.partners import keys_visible_to
from incentives.roles import lock_person
from incentives.workbooks import ROWS_AT_MOST
from mail import queue

from . import exports
from .depth import count
from .exports import Rows, Sheet
from .models.export import FOLDER, Export

State = Export.State
MAKER = "claims.tasks.make_export"
UNDER_WAY_AT_MOST = 3
TOLD_FOR = timedelta(hours=1)
LISTED_FOR = timedelta(days=30)


class ExportRefused(Exception):
    """The export is not begun; the message says what to do."""


class TooLate(Exception):
    """The export is finished: it can no longer be cancelled."""


# --- for people ---


@transaction.atomic
def ask(user: User, file_format: str, query: str, *, form_key: uuid.UUID, now: datetime) -> Export:
    """Queue an export; a form that is sent twice is one export (R15).

    One request of a person at a time, so that the cap holds. Raises ExportRefused where they have as many under way
    as anybody may.
    """
    lock_person(user)
    mine = Export.objects.filter(user=user)
    if known := mine.filter(form_key=form_key).first():
        return known
    if mine.unfinished().count() >= UNDER_WAY_AT_MOST:
        text = _("%(limit)s of your exports are under way. Wait for one of them, or cancel it.")
        raise ExportRefused(text % {"limit": UNDER_WAY_AT_MOST})
    export = Export.objects.create(
        user=user, format=file_format, query=query, form_key=form_key, requested_at=now
    )
    queue.after_commit(MAKER, export.pk)
    return export


def cancel(export: Export, *, now: datetime) -> None:
    """Stop an export that is not finished; raises TooLate afterwards."""
    unfinished = Export.objects.unfinished().filter(pk=export.pk)
    if not unfinished.update(state=State.CANCELLED, finished_at=now, lease_until=None):
        raise TooLate


def fetched(export: Export) -> Export:
    """The export for handing out its file; raises PermissionDenied when a role that it was made with is gone."""
    held = set(keys_visible_to(export.user).values_list("location", flat=True))
    if not held.issuperset(export.locations):
        raise PermissionDenied(
            _("You no longer hold a role for every location in this file. Export the list again.")
        )
    return export


def ready_for(user: User, *, now: datetime) -> Export | None:
    """The newest file that was finished lately, for the person who asked to be told where they work."""
    return Export.objects.filter(user=user, state=State.DONE, finished_at__gt=now - TOLD_FOR).first()


# --- in the background ---


class Making(Hold):
    """A hold on an export that tells how many of its rows are written."""

    def telling(self, blocks: Iterable[Rows]) -> Iterator[Rows]:
        """The rows as they pass, and after each block how many have; stops when the export is cancelled."""
        passed = 0
        for block in blocks:
            passed += len(block)
            self.keep(rows=passed)
            yield block


def make(pk: int, *, now: datetime) -> None:
    """Take the export if nobody has it, and see it through to its end; safe beside itself and when repeated."""
    taken = Export.objects.filter(pk=pk, state=State.QUEUED).update(
        state=State.MAKING, attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    if not taken:
        return
    export = Export.objects.select_related("user").get(pk=pk)
    carry_out(Making(export, Watch(now)), see_through, give_back)


def see_through(hold: Making) -> None:
    """Write the file aside, store it whole, and only then say that it is there."""
    export, now = hold.piece, hold.watch.now
    form = exports.list_again(export.user, export.query, now=now)
    total = count(form)
    hold.keep(locations=[place.pk for place in form.ground.claimed], total=total, rows=0)
    if export.format == Export.Format.XLSX and total > ROWS_AT_MOST:
        text = _("A workbook holds %(limit)s claims at most. Export the list as CSV, or narrow it.")
        return hold.end(State.FAILED, reason=text % {"limit": f"{ROWS_AT_MOST:,}"})
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        path, sheet = Path(folder) / "file", Sheet(form)
        with unhurried():
            sheet.write(path, export.format, hold.telling(sheet.blocks(export.format)))
        hold.keep()
        with path.open("rb") as file:
            export.file.save("file", File(file), save=False)
        store(hold, path.stat().st_size)
    return None


def store(hold: Hold, size: int) -> None:
    """Point the export to its file; without the hold the file goes again."""
    export, now = hold.piece, hold.watch.now
    kept_for = timedelta(hours=settings.EXPORT_HOURS)
    try:
        hold.end(
            State.DONE,
            file=export.file.name,
            name=exports.file_name(export.format, now),
            size=size,
            rows=F("total"),
            expires_at=now + kept_for,
        )
    except BaseException:
        export.file.delete(save=False)
        raise


class unhurried:
    """Around the reading of a long list: no statement of it is too long, and the next ones are limited again."""

    def __enter__(self) -> None:
        self.limit = self.show()
        self.set("0")

    def __exit__(self, *error: object) -> None:
        self.set(self.limit)

    def show(self) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    def set(self, limit: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [limit])


# --- sweeps ---


def give_back(left: LongWorkQuerySet, *, now: datetime) -> None:
    """Queue again what a worker left unfinished."""
    reason = _("Making this file broke off three times. Export the list again, or ask for support.")
    queue_again(left, reason=reason, now=now, rows=0)


def tend(*, now: datetime) -> None:
    """The sweep: pick up what a dead worker left behind, and make whatever waits."""
    sweep(Export.objects.all(), make, give_back, now=now)


def clear(*, now: datetime) -> None:
    """Take back files whose time is over, forget exports after a month, and delete what a crash left behind."""
    for export in Export.objects.past_their_time(now):
        name = export.file.name
        if Export.objects.past_their_time(now).filter(pk=export.pk).update(state=State.EXPIRED, file=""):
            default_storage.delete(name or "")
    Export.objects.filter(requested_at__lt=now - LISTED_FOR).exclude(state=State.DONE).delete()
    needed = set(Export.objects.filter(state=State.DONE).values_list("file", flat=True))
    delete_left_overs(stored(), needed, now=now)


def stored() -> Iterator[str]:
    """Every file that was stored for an export."""
    try:
        folders = default_storage.listdir(FOLDER)[0]
    except FileNotFoundError:
        return
    for folder in folders:
        for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            yield f"{FOLDER}/{folder}/{name}"
