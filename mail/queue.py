"""Asking a worker to do at once what a sweep would do later anyway."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction

from .pauses import Pause

log = logging.getLogger(__name__)
UNANSWERED = Pause(seconds=10)


def after_commit(task: str, *args: Any) -> None:
    """Ask for a task once the caller's transaction has committed: a worker must not look before the rows are there.

    A queue that is down must not fail the page, so the wish is dropped then; whoever calls this has a sweep besides.
    """
    transaction.on_commit(lambda: hurry(task, *args), robust=True)


def hurry(task: str, *args: Any) -> None:
    if UNANSWERED.lasts:
        return
    try:
        current_app.send_task(task, list(args), retry=False)
    except Exception as error:
        UNANSWERED.begin()
        log.warning("The queue is out of reach, the sweep will do it: %s", error)
