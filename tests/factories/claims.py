import uuid
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from claims.creation import Contacts, create_claims
from claims.models import Claim, CustomerIdentity, Organization
from claims.states import Status
from incentives.management.walk import walk
from incentives.models import Location, User

from .engagements import EngagementFactory
from .incentives import LocationFactory, StaffFactory, UserFactory, give_role

numbers = count(1)


def make_customer(
    kind: str = "tenant",
    *,
    sector: str = "commercial",
    country: str = "US",
    organization: Organization | None = None,
) -> CustomerIdentity:
    """A customer of the directory with a tenant, its domain and a TPID; returns the identity of the wanted kind."""
    n = next(numbers)
    # All of one length: what begins with a name is that name.
    organization = organization or Organization.objects.create(
        code=f"customer-{n}", name=f"Customer {n:05}", country=country, sector=sector
    )
    tenant = CustomerIdentity.objects.create(
        organization=organization, kind="tenant", value=str(uuid.uuid4())
    )
    identities = {
        "tenant": tenant,
        "domain": CustomerIdentity.objects.create(
            organization=organization, kind="domain", value=f"customer{n}.example", tenant=tenant
        ),
        "tpid": CustomerIdentity.objects.create(
            organization=organization, kind="tpid", value=str(100_000 + n)
        ),
        "opportunity": CustomerIdentity.objects.create(
            organization=organization, kind="opportunity", value=f"OPP-{n:08}"
        ),
    }
    return identities[kind]


def make_claim(
    *, now: datetime, location: Location | None = None, by: User | None = None, **facts: Any
) -> Claim:
    """A claim as the wizard creates it at this instant."""
    location = location or LocationFactory()
    by = by or give_role(UserFactory(partner=location.partner), location)
    customer = facts.pop("customer", None) or make_customer()
    domain = customer.counts_as.domains.first()
    address = f"contact@{domain.value if domain else 'customer.example'}"
    contacts = Contacts("Susie Jones", facts.pop("customer_contact_email", address), "Priya Kaur", by.email)
    engagement = facts.pop("engagement", None) or EngagementFactory()
    (claim,) = create_claims(
        name=facts.pop("name", "A claim"),
        location=location,
        customer=customer,
        engagements=[engagement],
        contacts=contacts,
        by=by,
        now=now,
        requested_hours=facts.pop("requested_hours", None),
    )
    return claim


def claim_at(status: str, *, now: datetime, age: timedelta | None = None, **facts: Any) -> Claim:
    """A claim that was walked to this status with the real verbs and stands there at `now`."""
    reviewer = facts.pop("reviewer", None) or StaffFactory()
    status = Status(status)
    age = age or (timedelta(days=200) if "expired" in status else timedelta(days=3))
    claim = make_claim(now=now - age, **facts)
    walk(claim, status, reviewer=reviewer, now=now)
    return claim
