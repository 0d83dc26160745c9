"""Asking the customer for consent: the first request, and sending it again, now or once it may be (CON-1 to CON-3)."""

from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from claims import contacts, lifecycle, queued_sends
from claims.creation import Contacts
from claims.guards import deal_size_given
from claims.lifecycle import Refused, ask, deed, lock
from claims.models import Claim, QueuedSend
from claims.states import Party, Status
from incentives.models import User
from mail import outbox
from mail.models import Link, Message, SendCap

KIND = QueuedSend.Kind.CONSENT_REQUEST.value


class TooSoon(Refused):
    """The customer was written to less than 24 hours ago."""


@deed
def request(
    claim: Claim,
    *,
    by: User,
    now: datetime,
    typed: Contacts,
    deal_size_usd: int | None = None,
    revision: int | None = None,
) -> Claim:
    """Save the typed contacts and write to the customer; the first request also fixes the deal size, moves the claim.

    All or nothing: a request that comes within 24 hours of the last one raises TooSoon and saves no contact either.
    """
    lock(claim, now=now, revision=revision)
    ask(claim, "request_consent", Party.PARTNER, now=now)
    contacts.edit(claim, by=by, now=now, **asdict(typed))
    if not SendCap.take(KIND, claim.pk, now=now):
        raise TooSoon(too_soon(claim, now=now))
    queued_sends.drop(claim, KIND)
    if claim.status != Status.CUSTOMER_CLAIMED:
        lifecycle.record(claim, "request_consent", party=Party.PARTNER, by=by, now=now)
    elif deal_size_usd is None:
        raise Refused(deal_size_given(claim, now))
    else:
        lifecycle.request_consent(claim, by=by, now=now, deal_size_usd=deal_size_usd)
    post(claim, now=now)
    return claim


@deed
def request_when_possible(
    claim: Claim, *, by: User, now: datetime, typed: Contacts, revision: int | None = None
) -> QueuedSend | None:
    """Save the typed contacts and write to the customer again as soon as that is possible: all or nothing.

    Gives what was queued, or None when the request could leave at once. The first request is never queued.
    """
    lock(claim, now=now, revision=revision)
    contacts.edit(claim, by=by, now=now, **asdict(typed))
    return queued_sends.send_when_possible(claim, KIND, send_again, by=by, now=now)


def send_again(claim: Claim, *, by: User, now: datetime) -> Claim:
    """Write to the contacts that the claim has."""
    return request(claim, by=by, now=now, typed=contacts_of(claim))


def release_queued(*, now: datetime) -> int:
    """Send the requests that were queued and may leave by now; returns how many."""
    return queued_sends.release_due({KIND: send_again}, now=now)


def contacts_of(claim: Claim) -> Contacts:
    return Contacts(
        **{name: getattr(claim, name) for name in contacts.CUSTOMER_FIELDS + contacts.PARTNER_FIELDS}
    )


def too_soon(claim: Claim, *, now: datetime) -> str:
    """When the next request can leave, as a sentence; empty when it can leave now."""
    possible = SendCap.next_possible(KIND, claim.pk, now=now)
    if possible is None:
        return ""
    at = f"{possible:%Y-%m-%d %H:%M:%S} UTC"
    return _(
        "A consent email was sent to the customer less than 24 hours ago. The next one can be sent from %(at)s."
    ) % {"at": at}


def comes_back(claim: Claim, address: str) -> bool:
    """Whether the last mail about the claim to this address came back or was refused for good."""
    return (claim.pk, address.lower()) in Message.objects.dead_addresses([claim.pk])


def post(claim: Claim, *, now: datetime) -> None:
    """Write the letter with a new link; the older links die."""
    address = claim.customer_contact_email
    link = Link.mint(Link.Purpose.CONSENT, claim.pk, address=address, now=now, expires_at=claim.expires_at)
    outbox.post(
        KIND,
        to=address,
        now=now,
        about=claim.pk,
        on_behalf_of=claim.partner_id,
        link=link,
        contact=claim.customer_contact_name,
        engagement=claim.engagement.name,
        partner=claim.location.name,
        deadline=f"{claim.expires_at:%Y-%m-%d %H:%M} UTC",
    )
