"""Which letter leaves on which event, and to whom: every mail about a claim's status is on this page (REV-4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from incentives.models import User
from mail import outbox
from mail.models import Message

if TYPE_CHECKING:
    from .models import Claim


def action_required(claim: "Claim", *, now: datetime) -> None:
    tell_partner(claim, "claim_action_required", now=now)


def approved(claim: "Claim", *, now: datetime) -> None:
    tell_partner(claim, "claim_approved", now=now)


def rejected(claim: "Claim", *, now: datetime) -> None:
    tell_partner(claim, "claim_rejected", now=now)


def tell_partner(claim: "Claim", kind: str, *, now: datetime) -> None:
    """Write to the partner contact and to whoever created the claim, once each per change of status."""
    for address in sorted({claim.partner_contact_email.lower(), claim.created_by.email.lower()}):
        key = f"{kind}:{claim.pk}:{claim.revision}:{address}"
        outbox.post(
            kind,
            to=address,
            now=now,
            about=claim.pk,
            on_behalf_of=claim.partner_id,
            dedupe_key=key,
            **facts(claim),
        )


def reminder(claim: "Claim", to: str, days: int, *, now: datetime) -> Message:
    """To whoever works on the claim, not yet posted: so many days are left."""
    return outbox.letter(
        "reminder",
        to=to,
        now=now,
        about=claim.pk,
        on_behalf_of=claim.partner_id,
        status=str(claim.get_status_display()),
        days=days,
        **facts(claim),
    )


def reminder_customer(claim: "Claim", days: int, *, now: datetime) -> Message:
    return outbox.letter(
        "reminder_customer",
        to=claim.customer_contact_email,
        now=now,
        about=claim.pk,
        on_behalf_of=claim.partner_id,
        days=days,
        **facts(claim),
    )


def reminder_digest(
    reader: User, claims: Sequence["Claim"], missing: Mapping[int, list[str]], *, key: str, now: datetime
) -> Message:
    """All deadlines of which somebody is told in the one mail of a day, with what each claim lacks."""
    return outbox.letter(
        "reminder_digest",
        to=reader.email.lower(),
        now=now,
        on_behalf_of=reader.partner_id or 0,
        dedupe_key=key,
        claims=[
            facts(claim) | {"status": str(claim.get_status_display()), "missing": missing[claim.pk]}
            for claim in claims
        ],
    )


def facts(claim: "Claim") -> dict[str, Any]:
    """What a letter about a claim may name."""
    return {
        "claim_number": claim.pk,
        "claim_name": claim.name,
        "engagement": claim.engagement.name,
        "partner": claim.location.name,
        "customer": claim.customer.organization.name,
        "claim_url": settings.PORTAL_URL + reverse("claims:detail", args=[claim.pk]),
        "deadline": f"{claim.expires_at:%Y-%m-%d %H:%M} UTC" if claim.expires_at else "",
        "payable_usd": f"{claim.payable_usd:,.2f}" if claim.payable_usd is not None else "",
    }
