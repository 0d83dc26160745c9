"""Recording the customer's answer: once per link, whoever else answers at the same instant (CON-4 to CON-6)."""

from datetime import datetime

from django.utils.translation import gettext as _

from claims.lifecycle import Refused, decline_consent, deed, give_consent
from claims.models import Claim
from mail.models import Link

from .forms import TEXT_VERSION
from .models import ConsentAnswer


class AlreadyAnswered(Refused):
    """Another answer was faster, or a newer link replaced this one."""


@deed
def record(
    claim: Claim,
    link: Link,
    *,
    now: datetime,
    answer: str,
    text_shown: str,
    decline_reason: str = "",
    decline_text: str = "",
    place: str | None = None,
    browser: str = "",
) -> ConsentAnswer:
    """Move the claim, spend the link and keep the answer: all in one transaction, or nothing of it."""
    # The claim first: it locks engagement, customer and claims, and links come after claims in the order of locks.
    (give_consent if answer == ConsentAnswer.Answer.YES else decline_consent)(claim, now=now)
    if not link.spend(now):
        raise AlreadyAnswered(_("This link can no longer be answered."))
    return ConsentAnswer.objects.create(
        claim=claim,
        link=link,
        answer=answer,
        decline_reason=decline_reason,
        decline_text=decline_text,
        text_version=TEXT_VERSION,
        text_shown=text_shown,
        at=now,
        place=place,
        browser=browser,
    )
