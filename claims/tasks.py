from celery import shared_task

from mail import clock

from . import expiry, reminders
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
