"""The life of a sheet: received, checked in the background, confirmed by its person, made into claims.

The promises: nothing is created before its person has seen what would be, and said so; each row is one transaction, so
a worker that dies leaves rows that are claims and rows that are not, and another goes on with these; equal rows are one
claim, however often they are uploaded or the button is pressed.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from incentives.long_work import LEASE, Hold, LongWorkQuerySet, Watch, carry_out, queue_again, sweep
from incentives.models import User
from incentives.roles import RoleGone, lock_person
from incentives.tables import names
from incentives.tables.refusals import TableRefused
from mail import queue

from ..lifecycle import Refused
from ..models import ClaimSheet, SheetRow
from . import reading
from .judging import Judge, Verdict
from .wishes import AlreadyClaimed, Wish, create_once

log = logging.getLogger(__name__)
State = ClaimSheet.State
RowState = SheetRow.State
WORKER = "claims.tasks.go_on_with_sheet"
UNDER_WAY_AT_MOST = 3
SHEETS_AT_MOST = 100
KEPT_FOR = timedelta(days=30)


class TooLate(Exception):
    """The sheet is not in a state any more in which this can be done; the message says what it is."""


# --- for people ---


def receive(user: User, file: UploadedFile, *, form_key: uuid.UUID, now: datetime) -> ClaimSheet:
    """Take the rows of a file and queue them to be checked; a form that is sent twice is one sheet (R06).

    Raises TableRefused for what is no sheet of claims, and where the person has as many as anybody may.
    """
    if known := sent_before(user, form_key):
        return known
    refuse_too_many(user)
    name = names.check(file, at_most=settings.CLAIM_SHEET_MAX_BYTES)
    rows = reading.read(name, cast(BinaryIO, file.file))
    return keep(user, name, file.size or 0, rows, form_key=form_key, now=now)


@transaction.atomic
def keep(
    user: User, name: str, size: int, rows: list[SheetRow], *, form_key: uuid.UUID, now: datetime
) -> ClaimSheet:
    """One sheet of a person at a time, so that a second look at what they have holds."""
    lock_person(user)
    if known := sent_before(user, form_key):
        return known
    refuse_too_many(user)
    sheet = ClaimSheet.objects.create(
        user=user, form_key=form_key, name=name, size=size, total=len(rows), uploaded_at=now
    )
    for row in rows:
        row.sheet = sheet
    SheetRow.objects.bulk_create(rows)
    queue.after_commit(WORKER, sheet.pk)
    return sheet


def sent_before(user: User, form_key: uuid.UUID) -> ClaimSheet | None:
    return ClaimSheet.objects.of(user).filter(form_key=form_key).first()


def refuse_too_many(user: User) -> None:
    mine = ClaimSheet.objects.of(user)
    if mine.unfinished().count() >= UNDER_WAY_AT_MOST:
        text = _("%(limit)s of your sheets are under way. Wait for one of them, or cancel it.")
        raise TableRefused(text % {"limit": UNDER_WAY_AT_MOST})
    if mine.count() >= SHEETS_AT_MOST:
        text = _("You have %(limit)s sheets. Remove those that you no longer need.")
        raise TableRefused(text % {"limit": SHEETS_AT_MOST})


@transaction.atomic
def confirm(sheet: ClaimSheet, *, now: datetime) -> None:
    """Have the claims of all ready rows created, once, however often it is asked; raises TooLate if it cannot be."""
    mine = ClaimSheet.objects.select_for_update(no_key=True).get(pk=sheet.pk)
    if mine.confirmed_at:
        return
    ready = mine.rows.filter(state=RowState.READY).count()
    if mine.state != State.CHECKED or not ready:
        raise TooLate(_("There is no row of this sheet that a claim can be created from."))
    mine.state, mine.confirmed_at = State.QUEUED, now
    mine.total, mine.passed, mine.attempts, mine.finished_at = ready, 0, 0, None
    mine.save()
    queue.after_commit(WORKER, mine.pk)


def cancel(sheet: ClaimSheet, *, now: datetime) -> None:
    """Stop a sheet that is at work; claims that it has created stay. Raises TooLate afterwards."""
    unfinished = ClaimSheet.objects.unfinished().filter(pk=sheet.pk)
    if not unfinished.update(state=State.CANCELLED, finished_at=now, lease_until=None):
        raise TooLate(_("This sheet is finished: it can no longer be cancelled."))


@transaction.atomic
def remove(sheet: ClaimSheet) -> None:
    """Forget a sheet with its rows; claims that were created from it stay. Raises TooLate while it is at work."""
    mine = ClaimSheet.objects.select_for_update(no_key=True).filter(pk=sheet.pk).first()
    if mine and mine.is_under_way:
        raise TooLate(_("This sheet is at work. Cancel it first."))
    if mine:
        mine.delete()


# --- in the background ---


def go_on(pk: int, *, now: datetime) -> None:
    """Take the sheet if nobody has it, and check it, or create its claims; safe beside itself and when repeated."""
    stage = Case(When(confirmed_at=None, then=Value(State.CHECKING)), default=Value(State.CREATING))
    taken = ClaimSheet.objects.filter(pk=pk, state=State.QUEUED).update(
        state=stage, attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    if not taken:
        return
    sheet = ClaimSheet.objects.select_related("user").get(pk=pk)
    work = check if sheet.state == State.CHECKING else create
    carry_out(Hold(sheet, Watch(now)), work, give_back)


def check(hold: Hold) -> None:
    """Judge row after row as if the ready ones before it had been created; nothing is."""
    sheet, judge = hold.piece, Judge(hold.piece.user, now=hold.watch.now)
    for passed, row in enumerate(sheet.rows.order_by("line"), 1):
        verdict = judged(judge, row, now=hold.watch.now)
        if verdict.wish:
            judge.take(verdict.wish, row.line)
        with transaction.atomic():
            hold.keep(passed=passed)
            write(row, verdict)
    hold.end(State.CHECKED, passed=F("total"))


def create(hold: Hold) -> None:
    """Make a claim of every ready row that still is; one that is not any more stops no other."""
    sheet, judge = hold.piece, Judge(hold.piece.user, now=hold.watch.now)
    for row in sheet.rows.filter(state=RowState.READY).order_by("line"):
        settle(hold, row, judged(judge, row, now=hold.watch.now))
    hold.end(State.DONE, passed=F("total"))


def judged(judge: Judge, row: SheetRow, *, now: datetime) -> Verdict:
    return guarded(row, partial(judge.judge, row, now=now), otherwise=RowState.WRONG)


@transaction.atomic
def settle(hold: Hold, row: SheetRow, verdict: Verdict) -> None:
    """The claim and the row that tells of it, or why there is none, in one transaction; raises Withdrawn.

    The hold is kept first: it locks the sheet, so that nothing is created once somebody has cancelled it.
    """
    hold.keep(passed=F("passed") + 1)
    if verdict.wish:
        make = partial(created, verdict.wish, row.line, by=hold.piece.user, now=hold.watch.now)
        verdict = guarded(row, make, otherwise=RowState.REFUSED)
    elif verdict.state == RowState.WRONG:
        verdict = Verdict(RowState.REFUSED, verdict.findings)
    write(row, verdict)


def created(wish: Wish, line: int, *, by: User, now: datetime) -> Verdict:
    detail = _("From row %(line)s of a sheet") % {"line": line}
    try:
        return Verdict(RowState.CREATED, claim=create_once(wish, by=by, now=now, detail=detail))
    except AlreadyClaimed as equal:
        return Verdict(RowState.CLAIMED, claim=equal.claim)
    except RoleGone:
        return Verdict(RowState.REFUSED, {"location": [_("You no longer hold a role for this location.")]})
    except Refused as refusal:
        return Verdict(RowState.REFUSED, {"": [str(refusal)]})


def guarded(row: SheetRow, judge: Callable[[], Verdict], *, otherwise: RowState) -> Verdict:
    """The verdict on a row; one on which the portal itself fails stops no other.

    A database that does not answer is no fault of the row: then the work is given back.
    """
    try:
        return judge()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("Row %s of sheet %s broke off.", row.line, row.sheet_id)
        text = _("The portal failed on this row. Upload it again later, or ask for support.")
        return Verdict(otherwise, {"": [text]})


def write(row: SheetRow, verdict: Verdict) -> None:
    row.state, row.findings, row.claim = verdict.state, verdict.findings, verdict.claim
    row.save(update_fields=["state", "findings", "claim"])


# --- sweeps ---


def give_back(left: LongWorkQuerySet, *, now: datetime) -> None:
    """Queue again what a worker left unfinished; rows that are claims by now are not touched again."""
    reason = _("The work on this sheet broke off three times. Upload it again, or ask for support.")
    queue_again(left, reason=reason, now=now)


def tend(*, now: datetime) -> None:
    """The sweep: pick up what a dead worker left behind, and go on with whatever waits."""
    sweep(ClaimSheet.objects.all(), go_on, give_back, now=now)


def clear(*, now: datetime) -> int:
    """Forget the sheets whose time is over; returns how many rows and sheets there were."""
    return ClaimSheet.objects.past_their_time(now - KEPT_FOR).delete()[0]
