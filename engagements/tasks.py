from celery import shared_task

from mail import clock

from . import verdicts


@shared_task
def evaluate_eligibility() -> None:
    verdicts.evaluate_daily(now=clock.now())
