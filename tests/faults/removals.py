"""What a control takes away from a worker, a beat or a web server: the process named by WITHOUT runs without it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from django.apps import AppConfig
from django.conf import settings

from . import clocks


class Removal(AppConfig):
    """An app of no models that takes one mechanism away once all others stand."""

    name, label = "tests.faults", "removal"

    def ready(self) -> None:
        clocks.wear()
        run_the_watch_faster(int(os.environ.get("WATCH_RUNS_FASTER", "1")))
        if mechanism := os.environ.get("WITHOUT"):
            REMOVALS[mechanism]()


def run_the_watch_faster(times: int) -> None:
    """A day of looking who is alive takes so much less; beat's timetable is shortened by itself."""
    from incentives import clockwork

    clockwork.LATE_AFTER /= times
    clockwork.BETWEEN_TICKS /= times
    clockwork.Timetable.max_interval /= times


def sweep_of_mails() -> None:
    """What nobody was asked to send is nobody's."""
    from mail import delivery

    delivery.deliver_due = lambda **_: 0


def look_at_leases() -> None:
    """What a dead worker had in hand stays there."""
    from mail.models.messages import MessageQuerySet

    MessageQuerySet.stranded = lambda messages, now: messages.none()


def lease_of_each_mail() -> None:
    """A sweep takes a whole batch at once, and hands over one after the other without looking again."""
    from mail import delivery
    from mail.models import Message
    from mail.server import MailServer

    def deliver_due(*, now: datetime, holder: str = "") -> int:
        Message.objects.stranded(now).update(state="queued")
        batch = list(Message.objects.due(now).in_turn())
        Message.objects.filter(pk__in=[mail.pk for mail in batch]).update(
            state="sending", lease_until=now + delivery.LEASE
        )
        with MailServer() as server:
            for mail in batch:
                delivery.hand_over(delivery.written(mail), server)
                Message.objects.filter(pk=mail.pk).update(state="sent")
        return len(batch)

    delivery.deliver_due = deliver_due


def taking_back() -> None:
    """A task that comes again finds its mail in the hands of a dead child."""
    from mail import delivery

    delivery.take_back = lambda holder, *, now: 0


def set_for_celery(**options: object) -> None:
    from incentives.celery import app

    app.conf.update(options)


def patience_with_the_cache() -> None:
    settings.CACHES["default"]["OPTIONS"] = {}


def look_at_a_connection() -> None:
    """A connection is used as it comes out of the pool, whatever became of it there."""
    settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False


def plain_page() -> None:
    """A lost database is an error like any other."""
    from incentives.views import errors

    errors.OperationalError = errors.InterfaceError = ()


def grace_of_the_beginning() -> None:
    """Whoever was never seen is late from the first instant."""
    from incentives import clockwork

    clockwork.has_just_begun = lambda *, now: False


def state_of_a_mail() -> None:
    """Whoever finds a mail that is due sends it, though another has it in hand."""
    from mail.models.messages import MessageQuerySet

    def due(messages: MessageQuerySet, now: datetime, *, probing: bool = False) -> MessageQuerySet:
        return messages.filter(state__in=["queued", "sending"], next_attempt_at__lte=now)

    MessageQuerySet.due = due


def sweep_of_deadlines() -> None:
    from claims import expiry

    expiry.expire_due = lambda *, now: 0


def nearest_reminder_alone() -> None:
    """Each reminder that was missed leaves as well, the earliest first."""
    from claims import reminders

    reminders.pairwise = lambda days: [(0, day) for day in reversed(days[1:])]


def clock_of_the_database() -> None:
    """Jobs go by the clock of the host that they run on."""
    from mail import clock

    clock.now = lambda: datetime.now(UTC)


REMOVALS: dict[str, Callable[[], None]] = {
    "the sweep": sweep_of_mails,
    "the look at leases": look_at_leases,
    "the lease of each mail": lease_of_each_mail,
    "taking back": taking_back,
    "late acknowledgement": partial(set_for_celery, task_acks_late=False),
    "the queue's time-out": partial(set_for_celery, broker_transport_options={}),
    "the cache's time-out": patience_with_the_cache,
    "the look at a connection": look_at_a_connection,
    "the plain page": plain_page,
    "the state of a mail": state_of_a_mail,
    "the sweep of deadlines": sweep_of_deadlines,
    "the nearest reminder alone": nearest_reminder_alone,
    "the clock of the database": clock_of_the_database,
    "the grace of the beginning": grace_of_the_beginning,
}
