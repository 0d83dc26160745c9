"""The claim that a row wishes for, when two wishes are one, and the one way in which it becomes a claim."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from engagements.models import Engagement
from incentives.models import Location, User
from incentives.roles import hold_role

from ..creation import Contacts, Source, create_claims, lock
from ..lifecycle import Refused
from ..limits import Candidate
from ..models import Claim, CustomerIdentity
from ..models.claim import ClaimQuerySet, open_at
from ..states import Status


class AlreadyClaimed(Refused):
    """An equal claim stands; nothing was created."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(_("This is claim %(number)s already.") % {"number": claim.pk})
        self.claim = claim


@dataclass(frozen=True)
class Wish:
    """One claim that somebody wishes for; without contacts while it is only compared with others."""

    name: str
    location: Location
    customer: CustomerIdentity
    engagement: Engagement
    contacts: Contacts | None = None
    requested_hours: int | None = None

    def complete(self, *, contacts: Contacts, requested_hours: int | None) -> "Wish":
        return replace(self, contacts=contacts, requested_hours=requested_hours)

    @property
    def candidate(self) -> Candidate:
        return Candidate(self.engagement, self.customer, self.location.country.code)

    @property
    def key(self) -> str:
        """Equal for the same claim name, location, engagement and customer, however its ID was typed."""
        facts = (self.location.pk, self.engagement.pk, self.customer.counts_as.pk, self.name.casefold())
        return sha256("\n".join(map(str, facts)).encode()).hexdigest()


def equals(wish: Wish, *, now: datetime) -> ClaimQuerySet:
    """The claims that stand at this instant and are what is wished for, whether a sheet or the wizard made them.

    One that came to a bad end may be claimed again.
    """
    same = Claim.objects.filter(
        engagement=wish.engagement, location=wish.location, counts_as=wish.customer.counts_as
    )
    return same.filter(
        Q(row_key=wish.key) | Q(name__iexact=wish.name), open_at(now) | Q(status=Status.APPROVED)
    )


def standing_equal(wish: Wish, *, now: datetime) -> Claim | None:
    return equals(wish, now=now).order_by("pk").first()


@transaction.atomic
def create_once(wish: Wish, *, by: User, now: datetime, detail: str) -> Claim:
    """Create the claim unless an equal one stands: judged under the locks of all creation, so that two find one.

    Raises AlreadyClaimed with that claim, and whatever keeps the wizard from creating one.
    """
    if wish.contacts is None:
        raise LookupError("A wish without contacts is only compared with others.")
    hold_role(by, wish.location)
    lock([wish.engagement], wish.customer)
    if equal := standing_equal(wish, now=now):
        raise AlreadyClaimed(equal)
    (claim,) = create_claims(
        name=wish.name,
        location=wish.location,
        customer=wish.customer,
        engagements=[wish.engagement],
        contacts=wish.contacts,
        requested_hours=wish.requested_hours,
        by=by,
        now=now,
        source=Source(detail, wish.key),
    )
    return claim
