"""Whether a person of a company may sign in at all: deactivated, and activated again (ROLE-2)."""

from datetime import datetime

from django.db import transaction

from mail.models import Link

from ..models import AuditEntry, Standing, User
from . import invitations
from .company import ACCOUNT_ADMIN, hold, write
from .grants import refuse_without_admin

Action = AuditEntry.Action


@transaction.atomic
def deactivate(person: User, *, by: User, now: datetime) -> bool:
    """Let the person in no more; their roles are kept for the day they come back. True when anything changed.

    Somebody who has not accepted yet loses the invitation instead: its link dies at once.
    """
    hold(person, by=by)
    before = person.standing
    if before == Standing.DEACTIVATED:
        return False
    if person.partner_roles.filter(role=ACCOUNT_ADMIN).exists():
        refuse_without_admin(person)
    person.is_active, person.invited_at = False, None
    person.save(update_fields=["is_active", "invited_at"])
    for purpose in (Link.Purpose.INVITATION, Link.Purpose.PASSWORD_RESET):
        Link.revoke_all(purpose, person.pk, now=now)
    person.end_sessions()
    action = Action.WITHDRAWN if before == Standing.INVITED else Action.DEACTIVATED
    write(action, person, by=by, now=now, before=str(before.label), after=str(person.standing.label))
    return True


@transaction.atomic
def activate(person: User, *, by: User, now: datetime) -> bool:
    """Let a deactivated person in again; one who never chose a password is invited anew. True when anything changed."""
    hold(person, by=by)
    if person.standing != Standing.DEACTIVATED:
        return False
    if not person.has_usable_password():
        invitations.send(person, by=by, now=now, action=Action.INVITED_AGAIN)
        return True
    person.is_active = True
    person.save(update_fields=["is_active"])
    before = str(Standing.DEACTIVATED.label)
    write(Action.REACTIVATED, person, by=by, now=now, before=before, after=str(person.standing.label))
    return True
