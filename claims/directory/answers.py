"""Answers about domains: how long they hold, who asks when, and what becomes known by them (WIZ-3).

They are kept in the database, so that all processes share them. Nothing is locked while the authority is asked.
"""

from datetime import datetime, timedelta
from typing import Protocol

from django.db import connection, transaction

from engagements.models import IdKind

from ..models import CustomerIdentity, DomainAnswer, Organization, Outage
from .openid import Silent, Unreachable

FOUND_HOLDS = timedelta(days=1)
NOT_FOUND_HOLDS = timedelta(minutes=10)
# So long nobody waits for an authority that was silent; then one asks, and the others once it has answered.
SILENCE = timedelta(seconds=20)
LEARNING = 0x0D14  # the number of the lock between answers and files; any would do that nobody else uses


class Authority(Protocol):
    """Whoever knows which one tenant a domain has."""

    name: str
    within: float

    def tenant_of(self, domain: str) -> str | None:
        """Its tenant ID, None where it has none; raises Unreachable, or Silent where no domain would do better."""


def refresh(domain: str, authority: Authority, *, now: datetime) -> None:
    """Ask about a domain whose answer is too old, and remember what is said; raises Unreachable where nothing is."""
    # Durable, so that no caller can hold a transaction and its locks open while a stranger is waited for.
    with transaction.atomic(durable=True):
        if holds(domain, now=now):
            return
        take_turn(authority, now=now)
    remember(domain, ask(domain, authority, now=now), now=now)


def holds(domain: str, *, now: datetime) -> bool:
    """Whether the last answer about this domain is young enough: a tenant for a day, that there is none for minutes."""
    found = CustomerIdentity.objects.filter(kind=IdKind.DOMAIN, value=domain, tenant__isnull=False).exists()
    since = now - (FOUND_HOLDS if found else NOT_FOUND_HOLDS)
    return DomainAnswer.objects.filter(domain=domain, answered_at__gt=since).exists()


def take_turn(authority: Authority, *, now: datetime) -> None:
    """Raise Silent for everybody while the authority is taken for dead, and for all but one when that is over."""
    outage = Outage.objects.filter(authority=authority.name)
    until = now + timedelta(seconds=authority.within)
    if outage.exists() and not outage.filter(until__lte=now).update(until=until):
        raise Silent


def ask(domain: str, authority: Authority, *, now: datetime) -> str | None:
    try:
        tenant = authority.tenant_of(domain)
    except Silent:
        silence = Outage(authority=authority.name, until=now + SILENCE)
        Outage.objects.bulk_create(
            [silence], update_conflicts=True, unique_fields=["authority"], update_fields=["until"]
        )
        raise
    Outage.objects.filter(authority=authority.name).delete()
    return tenant


@transaction.atomic(durable=True)
def remember(domain: str, tenant_id: str | None, *, now: datetime) -> None:
    """Let the domain count as this tenant from now on, or as nobody; claims keep the customer they were made with.

    Raises Unreachable while a file is being loaded, which may take long and may say the same.
    """
    if not may_learn():
        raise Unreachable
    # First, so that two who learn of the same domain at once follow one another.
    DomainAnswer.objects.bulk_create(
        [DomainAnswer(domain=domain, answered_at=now)],
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=["answered_at"],
    )
    domains = CustomerIdentity.objects.select_related("organization", "tenant")
    known = domains.filter(kind=IdKind.DOMAIN, value=domain).first()
    if known and known.tenant and known.tenant.value != tenant_id:
        move_on(known, now=now)
        known = None
    if tenant_id is None:
        return
    tenant = learn_tenant(tenant_id, known.organization if known else None, name=domain)
    if known and known.organization_id != tenant.organization_id:
        move_on(known, now=now)
        known = None
    if known is None:
        CustomerIdentity.objects.create(
            kind=IdKind.DOMAIN, value=domain, tenant=tenant, organization_id=tenant.organization_id
        )
    elif known.tenant is None:
        known.tenant = tenant
        known.save(update_fields=["tenant"])


def move_on(domain: CustomerIdentity, *, now: datetime) -> None:
    """From here on only the claims that were made under it know this domain's customer and tenant."""
    domain.moved_at = now
    domain.save(update_fields=["moved_at"])


def learn_tenant(tenant_id: str, owner: Organization | None, *, name: str) -> CustomerIdentity:
    """The identity of a tenant; a new one's is made once, whoever else makes it at the same instant."""
    tenants = CustomerIdentity.objects.filter(kind=IdKind.TENANT, value=tenant_id)
    if not tenants.exists():
        owner = owner or learn_organization(tenant_id, name=name)
        new = CustomerIdentity(kind=IdKind.TENANT, value=tenant_id, organization=owner)
        CustomerIdentity.objects.bulk_create([new], ignore_conflicts=True)
    return tenants.get()


def learn_organization(tenant_id: str, *, name: str) -> Organization:
    """An organization for a tenant of which nothing else is known; a file may say later whose tenant it is."""
    new = Organization(code=f"tenant-{tenant_id}", name=name[:200], sector=Organization.Sector.UNKNOWN)
    Organization.objects.bulk_create([new], ignore_conflicts=True)
    return Organization.objects.get(code=new.code)


def forget(*, now: datetime) -> int:
    """Remove the answers that hold for nobody any more, of mistyped domains above all; returns how many there were."""
    return DomainAnswer.objects.filter(answered_at__lte=now - FOUND_HOLDS).delete()[0]


def may_learn() -> bool:
    """Until the transaction ends no file is loaded; False while one is. Answers do not keep one another waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [LEARNING])
        return cursor.fetchone()[0]


def stop_learning() -> None:
    """Until the transaction ends nothing is learnt from answers: a file is being loaded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LEARNING])
