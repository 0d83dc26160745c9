from celery import shared_task

from mail import clock

from .models import Tick


@shared_task
def tick() -> None:
    Tick.leave("beat", now=clock.now())
