from celery import shared_task

from mail import clock

from . import enrolment
from .models import Tick
from .people import passwords


@shared_task
def tick() -> None:
    Tick.leave(Tick.WORKER, now=clock.now())


@shared_task
def validate_enrolments() -> None:
    enrolment.validate_all(now=clock.now())


@shared_task
def answer_reset_requests() -> None:
    """Send links to people who forgot their password, and were not answered at once."""
    passwords.answer_reset_requests(now=clock.now())
