import logging

from celery import shared_task
from django.conf import settings

from . import clock, delivery, queue, returns
from .postboxes import Unreachable

log = logging.getLogger(__name__)


@shared_task
def deliver_message(pk: int) -> None:
    delivery.deliver(pk, now=clock.now())


@shared_task
def deliver_due() -> None:
    """Deliver what is due: retries, and whatever a stop, a lost queue or a dead worker left behind."""
    if delivery.deliver_due(now=clock.now()) == delivery.BATCH:
        queue.hurry("mail.tasks.deliver_due")


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
