from celery import shared_task

from mail import clock

from . import verdicts
from .customer_lists import uploads


@shared_task
def read_list_upload(pk: int) -> None:
    uploads.read(pk, now=clock.now())


@shared_task
def tend_list_uploads() -> None:
    """Read lists that wait, and those that a lost queue or a dead worker left behind."""
    uploads.tend(now=clock.now())


@shared_task
def remove_left_over_lists() -> None:
    uploads.remove_left_overs(now=clock.now())


@shared_task
def evaluate_eligibility() -> None:
    verdicts.evaluate_daily(now=clock.now())
