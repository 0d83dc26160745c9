"""What the vendor's people do to the queue of mails: stop it, let it go on, try again; the audit has a line of each."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mail import delivery
from mail.models import Message, Stop

from .models import AuditEntry, User

ENTRY_LENGTH = 300
_Action = AuditEntry.Action


@transaction.atomic
def stop(*, by: User | None, reason: str, now: datetime) -> bool:
    """Keep every mail back until somebody lets them go on; `by` is None at the command line.

    What a worker is handing over at this moment arrives, and is not sent again. False where delivery stands already.
    """
    begun = Stop.begin(by=by.full_name if by else _("The command line"), reason=reason, now=now)
    if begun:
        AuditEntry.write(_Action.MAIL_STOPPED, by=by, now=now, after=reason)
    return begun


@transaction.atomic
def go_on(*, by: User | None, now: datetime) -> bool:
    """Let what waited leave at once; false where delivery was not stopped."""
    ended = delivery.go_on()
    if ended:
        AuditEntry.write(_Action.MAIL_GOES_ON, by=by, now=now)
    return ended


@transaction.atomic
def try_again(message: Message, *, by: User | None, now: datetime) -> bool:
    """Put one failed mail back into the queue; false where it is not failed, or its link opens nothing any more."""
    back = delivery.try_again(Message.objects.filter(pk=message.pk), now=now) == 1
    if back:
        after = _("Mail %(id)s to %(address)s") % {"id": message.pk, "address": message.to}
        before = message.answer[:ENTRY_LENGTH]
        AuditEntry.write(_Action.MAIL_RETRIED, by=by, now=now, before=before, after=after[:ENTRY_LENGTH])
    return back


@transaction.atomic
def try_all_again(*, by: User | None, now: datetime) -> int:
    """The same for every mail that failed; returns how many."""
    back = delivery.try_again(Message.objects.all(), now=now)
    if back:
        after = ngettext("%(n)s failed mail", "%(n)s failed mails", back) % {"n": back}
        AuditEntry.write(_Action.MAIL_RETRIED, by=by, now=now, after=after)
    return back
