"""The customer directory: which organization an ID belongs to, and which one tenant a domain has (WIZ-3)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from engagements.models import IdKind

from .models import CustomerIdentity

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


def find(kind: str, value: str) -> CustomerIdentity:
    """The customer behind a normalized ID; a domain counts only with its tenant, and never resolves to a TPID."""
    known = (
        CustomerIdentity.objects.select_related("organization", "tenant__organization")
        .filter(kind=kind, value=value)
        .first()
    )
    if known is None or (kind == IdKind.DOMAIN and known.tenant is None):
        raise ValidationError(NOT_FOUND[IdKind(kind)], code="unresolved")
    return known


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
    host = address.rpartition("@")[2].casefold()
    return not any(
        host == domain or host.endswith(f".{domain}") for domain in domains_of(customer) | {customer.value}
    )
