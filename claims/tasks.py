from celery import shared_task

from mail import clock

from . import expiry, export_jobs, reminders
from .directory import answers


@shared_task
def expire_claims() -> None:
    expiry.expire_due(now=clock.now())


@shared_task
def send_reminders() -> None:
    reminders.send_reminders(now=clock.now())


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
