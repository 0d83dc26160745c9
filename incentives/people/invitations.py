"""Inviting people into a company by a one-time link, and what they do with it (ROLE-2, L14)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mail import outbox
from mail.models import Link

from ..models import AuditEntry, Standing, User
from ..roles import hold_company_role
from .company import ACCOUNT_ADMIN, Refused, company_of, hold, write
from .grants import Roles, enter_roles

Action = AuditEntry.Action
# Somebody who is invited on a Friday evening finds a living link on Monday.
LIFE = timedelta(hours=72)
# A second click on the button sends no second letter.
NO_NEWER_LINK_FOR = timedelta(minutes=1)


class LinkDied(Exception):
    """The link was used, replaced or withdrawn after its form was shown."""


@transaction.atomic
def invite(email: str, full_name: str, roles: Roles, *, by: User, now: datetime) -> User:
    """Make an account that nobody can use yet, with its roles prepared, and send the one-time link that opens it.

    Raises Refused for an address that is taken, without a word on whose it is outside of the company.
    """
    company = company_of(by)
    hold_company_role(by, company, ACCOUNT_ADMIN)
    refuse_known(email, by)
    facts = {"full_name": full_name, "partner": company, "is_active": False}
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, None, **facts)
    except IntegrityError as error:
        # Another company invited the same address at the same instant.
        raise Refused(elsewhere()) from error
    send(person, by=by, now=now, action=Action.INVITED)
    enter_roles(person, roles, company=company, by=by, now=now)
    return person


def refuse_known(email: str, by: User) -> None:
    known = User.objects.filter(email__iexact=email).first()
    if known is None:
        return
    if known.partner_id != by.partner_id:
        raise Refused(elsewhere())
    raise Refused(_("%(person)s already uses this address in your company.") % {"person": known})


def elsewhere() -> str:
    """What is said of an address that is taken outside of the company: not by whom, nor where."""
    return _("This address cannot be invited. Ask the person for another one, or contact support.")


@transaction.atomic
def invite_again(person: User, *, by: User, now: datetime) -> None:
    """Send a new link; the older one dies. Raises Refused for somebody who is not invited, or was just written to."""
    hold(person, by=by)
    if person.invited_at is None:
        raise Refused(_("%(person)s has no open invitation.") % {"person": person})
    if now - person.invited_at < NO_NEWER_LINK_FOR:
        raise Refused(_("%(person)s was invited less than a minute ago.") % {"person": person})
    send(person, by=by, now=now, action=Action.INVITED_AGAIN)


def send(person: User, *, by: User, now: datetime, action: str) -> None:
    """Write the letter with a new link, in the caller's transaction, under the caller's locks."""
    person.invited_at = now
    person.save(update_fields=["invited_at"])
    link = Link.mint(Link.Purpose.INVITATION, person.pk, address=person.email, now=now, expires_at=now + LIFE)
    outbox.post(
        Link.Purpose.INVITATION.value,
        to=person.email,
        now=now,
        link=link,
        person=person.full_name,
        inviter=by.full_name,
        company=company_of(person).name,
        deadline=f"{link.expires_at:%Y-%m-%d %H:%M} UTC",
    )
    write(action, person, by=by, now=now, after=person.email)


@transaction.atomic
def accept(link: Link, *, full_name: str, password: str, now: datetime) -> User:
    """The invited person chooses name and password; from now on they may sign in, with the roles that were prepared.

    Raises LinkDied when the link was used, replaced or withdrawn meanwhile; nothing is changed then.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=link.subject_id)
    if person.standing != Standing.INVITED or not link.spend(now):
        raise LinkDied
    person.full_name, person.is_active, person.invited_at = full_name, True, None
    person.set_password(password)
    person.save(update_fields=["full_name", "is_active", "invited_at", "password"])
    write(
        Action.JOINED,
        person,
        by=person,
        now=now,
        before=str(Standing.INVITED.label),
        after=str(person.standing.label),
    )
    return person
