"""Sending the surveys by mail: one of a kind per claim in 24 hours, now or as soon as it may (SUR-2, SUR-3)."""

from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from claims import notices, queued_sends, surveys
from claims.lifecycle import Refused, ask, deed, lock
from claims.models import Claim, QueuedSend
from claims.states import Party
from incentives.models import User
from mail import outbox
from mail.models import Link, SendCap

from .models import Audience


@deed
def send(claim: Claim, audience: Audience, *, by: User, now: datetime) -> Claim:
    """Write to the contact with a new link, which kills the older ones; refused when the customer has answered."""
    lock(claim, now=now)
    ask(claim, "send_surveys", Party.PARTNER, now=now)
    refuse_needless(claim, audience)
    if not SendCap.take(audience.purpose, claim.pk, now=now):
        possible = SendCap.next_possible(audience.purpose, claim.pk, now=now)
        at = f"{possible:%Y-%m-%d %H:%M:%S} UTC"
        raise Refused(
            _("This survey was sent less than 24 hours ago. It can be sent again from %(at)s.") % {"at": at}
        )
    queued_sends.drop(claim, audience.purpose)
    surveys.sent(claim, audience, by=by, now=now)
    address = getattr(claim, f"{audience}_contact_email")
    link = Link.mint(audience.purpose, claim.pk, address=address, now=now)
    outbox.post(
        audience.purpose,
        to=address,
        now=now,
        about=claim.pk,
        on_behalf_of=claim.partner_id,
        link=link,
        **facts(claim, audience),
    )
    return claim


@deed
def send_when_possible(claim: Claim, audience: Audience, *, by: User, now: datetime) -> QueuedSend | None:
    """Send the survey as soon as that is possible; gives what was queued, or None when it could leave at once."""
    lock(claim, now=now)
    refuse_needless(claim, audience)
    sending = partial(send, audience=audience)
    return queued_sends.send_when_possible(claim, audience.purpose, sending, by=by, now=now)


def release_queued(*, now: datetime) -> int:
    """Send the surveys that were queued and may leave by now; returns how many."""
    sends = {audience.purpose: partial(send, audience=audience) for audience in Audience}
    return queued_sends.release_due(sends, now=now)


def refuse_needless(claim: Claim, audience: Audience) -> None:
    """Raise Refused for a survey that the engagement does not ask for, or that its customer has answered."""
    if not getattr(claim, f"{audience}_survey_required"):
        raise Refused(_("This engagement asks for no such survey."))
    if audience == Audience.CUSTOMER and claim.customer_survey_done_at:
        raise Refused(_("The customer has already answered the survey, so it cannot be sent again."))


def facts(claim: Claim, audience: Audience) -> dict[str, Any]:
    """What the letter may name: the partner's names the claim, the customer's does not."""
    known = notices.facts(claim) | {"contact": getattr(claim, f"{audience}_contact_name")}
    named = ["contact", "engagement", "partner"]
    if audience == Audience.PARTNER:
        named += ["customer", "claim_number", "claim_url"]
    return {name: known[name] for name in named}
