from celery import shared_task

from mail import clock

from . import invitations


@shared_task
def release_queued() -> None:
    invitations.release_queued(now=clock.now())
