"""People to measure with: of many locations, of a bare one, of the vendor; and the page with the least on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib.sessions.models import Session
from django.db import connection

from incentives.models import Enrolment, Location, LocationRole, Partner, PayeeProfile, User

# The page with the least on it for somebody with a role, and none of those that are measured: whatever makes an empty
# list quicker would count against a full one.
EMPTIEST = "/engagements/attention/"


@contextmanager
def somebody(places: Sequence[Location]) -> Iterator[User]:
    """A person with a role for each of these locations."""
    partner = places[0].partner if places else Partner.objects.order_by("pk")[0]
    user, _ = User.objects.get_or_create(
        email=f"bench{len(places)}@partner.example", defaults={"full_name": "Bench", "partner": partner}
    )
    LocationRole.objects.bulk_create(
        (LocationRole(user=user, location=place, role=LocationRole.Role.ADMIN) for place in places),
        ignore_conflicts=True,
    )
    with gone_afterwards(user):
        yield user


@contextmanager
def reviewer() -> Iterator[User]:
    """Somebody of the vendor who judges claims."""
    facts = {"full_name": "Bench", "vendor_role": User.VendorRole.REVIEWER}
    user, _ = User.objects.get_or_create(email="bench@vendor.example", defaults=facts)
    with gone_afterwards(user):
        yield user


@contextmanager
def gone_afterwards(user: User) -> Iterator[None]:
    """Deletes the person and every session when all is measured."""
    try:
        yield
    finally:
        Session.objects.all().delete()
        user.delete()


@contextmanager
def bare() -> Iterator[Location]:
    """An enrolled location at which nothing has happened yet."""
    partner, _ = Partner.objects.get_or_create(global_id=1, defaults={"name": "Bare"})
    facts = {"partner": partner, "name": "Bare", "city": "Bare", "country": "US", "region": "Bare"}
    place, _ = Location.objects.get_or_create(partner_number=1, defaults=facts)
    Enrolment.objects.get_or_create(location=place, defaults={"status": Enrolment.Status.ENROLLED})
    PayeeProfile.objects.get_or_create(location=place, defaults={"bank_complete": True, "tax_complete": True})
    try:
        yield place
    finally:
        place.delete()
        partner.delete()


def learn() -> None:
    """What autovacuum does within a minute: else PostgreSQL does not know yet how many roles these people have."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) incentives_locationrole")
