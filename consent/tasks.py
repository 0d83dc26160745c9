from celery import shared_task

from mail import clock

from . import requests


@shared_task
def release_queued() -> None:
    requests.release_queued(now=clock.now())
