import logging
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from django.conf import settings

from . import clock, delivery, queue, returns
from .models import Message
from .postboxes import Unreachable

log = logging.getLogger(__name__)


@shared_task(bind=True)
def deliver_message(task: Task[Any, Any], pk: int) -> None:
    now = clock.now()
    delivery.deliver(pk, now=now, holder=holder_of(task, now))


@shared_task(bind=True)
def deliver_due(task: Task[Any, Any]) -> None:
    """Deliver what is due: retries, and whatever a stop, a lost queue or a dead worker left behind."""
    now = clock.now()
    sent = delivery.deliver_due(now=now, holder=holder_of(task, now))
    if sent and Message.objects.due(clock.now()).exists():
        queue.hurry("mail.tasks.deliver_due")


def holder_of(task: Task[Any, Any], now: datetime) -> str:
    """Who holds what this task takes. A task that comes a second time begins with what its first worker died over."""
    holder = task.request.id or ""
    if holder and (task.request.delivery_info or {}).get("redelivered"):
        delivery.take_back(holder, now=now)
    return holder


@shared_task
def read_bounces() -> None:
    """Read which mails came back, where a mailbox is set; one that cannot be read now is read the next time."""
    if not settings.BOUNCES_URL:
        return
    try:
        found = returns.read_postbox(now=clock.now())
    except Unreachable as error:
        log.warning("The mailbox of notifications cannot be read: %s", error)
    else:
        if strange := found[returns.Outcome.STRANGE]:
            log.warning("Of the mails in the mailbox of notifications %s were not understood.", strange)
