"""What became of the mails that a claim's partner has sent, and how one that failed is mended (BEY-7)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from mail.models import Message

from .models import Claim


@dataclass(frozen=True)
class Letter:
    """The newest mail of one kind, as the claim's partner sees it: never its text, which holds the link."""

    message: Message
    side: str
    outdated: bool
    mendable: bool

    @property
    def lost(self) -> bool:
        return self.message.tone == "bad"


def lost_request() -> Exists:
    """Whether the customer of a claim never got the newest request, said of the claims of the outer query."""
    return Exists(Message.objects.lost_requests().filter(about=OuterRef("pk")))


def letters(claim: Claim, allowed: Collection[str]) -> dict[str, Letter]:
    """By kind; `outdated` went to an address that is the contact's no more, `mendable` is one to be changed still."""
    found = {}
    for message in Message.objects.newest_of_each_kind(claim.pk):
        side = "partner" if message.kind == Message.Kind.PARTNER_SURVEY else "customer"
        outdated = message.to != getattr(claim, f"{side}_contact_email")
        fixed = side == "customer" and claim.customer_survey_done_at is not None
        found[message.kind] = Letter(message, side, outdated, "edit_contacts" in allowed and not fixed)
    return found
