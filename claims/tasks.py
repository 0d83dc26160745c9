from celery import shared_task

from mail import clock

from . import digests, expiry, export_jobs, reminders
from .directory import answers
from .sheets import jobs as sheet_jobs


@shared_task
def expire_claims() -> None:
    expiry.expire_due(now=clock.now())


@shared_task
def send_reminders() -> None:
    reminders.send_reminders(now=clock.now())


@shared_task
def send_digests() -> None:
    digests.send_digests(now=clock.now())


@shared_task
def forget_answers() -> None:
    answers.forget(now=clock.now())


@shared_task
def make_export(pk: int) -> None:
    export_jobs.make(pk, now=clock.now())


@shared_task
def tend_exports() -> None:
    """Make exports that wait, and those that a lost queue or a dead worker left behind."""
    export_jobs.tend(now=clock.now())


@shared_task
def clear_exports() -> None:
    export_jobs.clear(now=clock.now())


@shared_task
def go_on_with_sheet(pk: int) -> None:
    sheet_jobs.go_on(pk, now=clock.now())


@shared_task
def tend_sheets() -> None:
    """Go on with sheets that wait, and those that a lost queue or a dead worker left behind."""
    sheet_jobs.tend(now=clock.now())


@shared_task
def clear_sheets() -> None:
    sheet_jobs.clear(now=clock.now())
