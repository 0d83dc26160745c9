"""The customer directory: which organization an ID belongs to, and which one tenant a domain has (WIZ-3).

The database answers. Where an authority is set, it is asked about domains that the database does not know, and about
those whose answer is a day old; what it says becomes known here. While it cannot be asked, the last answer holds.
"""

from contextlib import suppress
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from engagements import customer_ids
from engagements.models import IdKind

from ..models import CustomerIdentity
from . import answers, openid
from .openid import Unreachable

__all__ = ["Unreachable", "domains_of", "find", "is_foreign_address"]

NOT_FOUND = {
    IdKind.DOMAIN: _("No tenant was found for this domain. Enter the customer's tenant ID or TPID instead."),
    IdKind.TENANT: _(
        "No customer was found with this tenant ID. Check it with your customer, or enter a TPID."
    ),
    IdKind.TPID: _(
        "No customer was found with this TPID. Check it with your customer, or enter a domain name or tenant ID."
    ),
    IdKind.SUBSCRIPTION: _(
        "No customer was found with this Azure subscription ID. Check it with your customer, or enter a TPID."
    ),
    IdKind.OPPORTUNITY: _(
        "No customer was found with this Opportunity ID. Check it with your sales contact."
    ),
}


def find(kind: str, value: str, *, now: datetime) -> CustomerIdentity:
    """The customer behind a normalized ID; a domain counts only with its tenant, and never resolves to a TPID.

    Raises ValidationError where there is none, and Unreachable where only the authority could tell.
    """
    authority = openid.authority() if kind == IdKind.DOMAIN else None
    unreachable = None
    if authority:
        try:
            answers.refresh(value, authority, now=now)
        except Unreachable as error:
            unreachable = error
    known = (
        CustomerIdentity.objects.select_related("organization", "tenant__organization")
        .filter(kind=kind, value=value)
        .first()
    )
    if known and (known.tenant or kind != IdKind.DOMAIN):
        return known
    raise unreachable or ValidationError(NOT_FOUND[IdKind(kind)], code="unresolved")


def domains_of(customer: CustomerIdentity) -> set[str]:
    """The domain names of a domain's or tenant's tenant; empty for any other kind of ID."""
    tenant = customer.counts_as
    if tenant.kind != IdKind.TENANT:
        return set()
    return set(tenant.domains.values_list("value", flat=True))


def is_foreign_address(customer: CustomerIdentity, address: str) -> bool:
    """Whether an e-mail address belongs to none of the customer's domains, so that a reason must be given (WIZ-5)."""
    if customer.kind not in {IdKind.DOMAIN, IdKind.TENANT}:
        return False
    host = address.rpartition("@")[2].lower()
    with suppress(ValidationError):
        host = customer_ids.normalize(IdKind.DOMAIN, host)
    return not any(
        host == domain or host.endswith(f".{domain}") for domain in domains_of(customer) | {customer.value}
    )
