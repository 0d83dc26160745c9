from celery import shared_task

from mail import clock

from . import enrolment
from .models import Tick


@shared_task
def tick() -> None:
    Tick.leave("beat", now=clock.now())


@shared_task
def validate_enrolments() -> None:
    enrolment.validate_all(now=clock.now())
