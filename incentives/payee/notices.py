"""The letter that leaves when bank or tax details change, and to whom (ROLE-5)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from mail import outbox

from ..models import PayeeProfile, User
from ..models.payee import Part
from ..roles import incentive_admins


def tell_other_admins(profile: PayeeProfile, part: Part, *, before: str, by: User, now: datetime) -> None:
    """Write to every other active Incentive Admin of the location, once per change; never with more than the masks."""
    revision = getattr(profile, f"{part}_revision")
    facts: dict[str, Any] = {
        "location": str(profile.location),
        "part": part.value,
        "by_name": str(by),
        "by_email": by.email,
        "at": f"{now:%Y-%m-%d %H:%M} UTC",
        "before": before,
        "after": profile.described(part),
        "payee_url": settings.PORTAL_URL + reverse("incentives:payee", args=[profile.location_id]),
    }
    for admin in incentive_admins([profile.location]).get(profile.location_id, []):
        if admin != by:
            key = f"payee_changed:{profile.pk}:{part}:{revision}:{admin.pk}"
            outbox.post("payee_changed", to=admin.email, now=now, dedupe_key=key, **facts)
