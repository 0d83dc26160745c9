"""Who is written to about a claim, and what a change of address means for links already sent (readings 3.13, 3.40)."""

from datetime import datetime

from django.utils.translation import gettext as _

from incentives.models import User
from mail.models import Link

from .directory import is_foreign_address
from .lifecycle import Refused, ask, deed, lock, record
from .models import Claim
from .states import Party

CUSTOMER_FIELDS = (
    "customer_contact_name",
    "customer_contact_email",
    "customer_contact_title",
    "domain_mismatch_reason",
)
PARTNER_FIELDS = ("partner_contact_name", "partner_contact_email")


@deed
def edit(claim: Claim, *, by: User, now: datetime, revision: int | None = None, **contacts: str) -> Claim:
    """Save contacts; a changed address kills the links that went to the old one (SUR-2, CON-5).

    Raises Refused for the customer's contact once the customer survey is answered, and for an address outside the
    customer's domains without a reason.
    """
    lock(claim, now=now, revision=revision)
    ask(claim, "edit_contacts", Party.PARTNER, now=now)
    changed = {name: value for name, value in contacts.items() if getattr(claim, name) != value}
    if not changed:
        return claim
    if claim.customer_survey_done_at and set(changed) & set(CUSTOMER_FIELDS):
        raise Refused(
            _("The customer has answered the survey, so the customer contact can no longer be changed.")
        )
    for name, value in changed.items():
        setattr(claim, name, value)
    if is_foreign_address(claim.customer, claim.customer_contact_email) and not claim.domain_mismatch_reason:
        raise Refused(_("The address does not belong to the customer's domain: give the reason."))
    claim.updated_at, claim.revision = now, claim.revision + 1
    claim.save(update_fields=["updated_at", "revision", *changed])
    disconnect(claim, changed, now=now)
    record(claim, "edit_contacts", party=Party.PARTNER, by=by, now=now, detail=", ".join(sorted(changed)))
    return claim


def disconnect(claim: Claim, changed: dict[str, str], *, now: datetime) -> None:
    """Kill the links that were sent to an address that is no longer the contact's."""
    if "customer_contact_email" in changed:
        Link.revoke_all(Link.Purpose.CONSENT, claim.pk, now=now)
        Link.revoke_all(Link.Purpose.CUSTOMER_SURVEY, claim.pk, now=now)
    if "partner_contact_email" in changed:
        Link.revoke_all(Link.Purpose.PARTNER_SURVEY, claim.pk, now=now)
