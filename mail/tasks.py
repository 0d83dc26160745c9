from celery import shared_task

from . import clock, delivery, queue


@shared_task
def deliver_message(pk: int) -> None:
    delivery.deliver(pk, now=clock.now())


@shared_task
def deliver_due() -> None:
    """Deliver what is due: retries, and whatever a stop, a lost queue or a dead worker left behind."""
    if delivery.deliver_due(now=clock.now()) == delivery.BATCH:
        queue.hurry("mail.tasks.deliver_due")
