"""MCI engagements for one person of 500 locations, with 500 engagements and 1,000,000 claims (ENG-1, P03)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.contrib.sessions.models import Session
from django.db import connection

from claims.models import Claim
from engagements.models import Engagement, SolutionArea
from incentives.models import Enrolment, Location, LocationRole, Partner, PayeeProfile, User
from mail import clock

from .figures import Figure
from .pages import Browser, milliseconds

CASE = "engagements"
LIST = "/engagements/?area=azure"
FEW = 25
# What else this person may open, and how the list may be asked: told, without a limit.
TOLD = {
    "the list by eligibility": f"{LIST}&sort=-eligibility",
    "the list by active customers": f"{LIST}&sort=-customers",
    "a search in the list": f"{LIST}&search=0042",
    "Eligibility of one engagement": "/engagements/BULK-0001/eligibility/",
    "Attention required": "/engagements/attention/",
    "Overview": "/incentives/",
}
# The pages with the least on them for somebody with a role; the quickest is what the list is held against.
EMPTIEST = ("/engagements/attention/", "/claims/")


def measure() -> Iterable[Figure]:
    """The list's time against the emptiest signed-in page, and its queries with many engagements and with few."""
    locations = list(Location.objects.filter(partner_number__gt=1).select_related("partner"))
    with somebody(locations) as many, somebody([]) as none, bare() as place, somebody([place]) as one:
        learn()
        busy, idle, roleless = Browser(many), Browser(one), Browser(none)
        *least, of_list, refusal = milliseconds(
            [*((idle, page) for page in EMPTIEST), (busy, LIST), (roleless, LIST)]
        )
        told = milliseconds([(busy, page) for page in TOLD.values()], times=5)
        queries, fewer = busy.queries(LIST), with_few(busy)
    yield Figure(CASE, "claims", Claim.objects.count(), "claims")
    yield Figure(CASE, "open claims", Claim.objects.open(clock.now()).count(), "claims")
    for page, time in zip(EMPTIEST, least, strict=True):
        yield Figure(CASE, f"with nothing on it: {page}", time, "ms")
    yield Figure(CASE, "what somebody without a role is told", refusal, "ms")
    yield Figure(CASE, "the list of 500 engagements", of_list, "ms")
    yield Figure(
        CASE, "the list against the emptiest signed-in page", of_list / min(least), "times", limit=2.5
    )
    yield Figure(CASE, "queries of the list", queries, "queries")
    yield Figure(CASE, f"queries more than with {FEW} engagements", abs(queries - fewer), "queries", limit=0)
    for what, time in zip(TOLD, told, strict=True):
        yield Figure(CASE, what, time, "ms")


@contextmanager
def somebody(places: Sequence[Location]) -> Iterator[User]:
    """A person with a role for each of these locations, who is gone when all is measured."""
    partner = places[0].partner if places else Partner.objects.order_by("pk")[0]
    user, _ = User.objects.get_or_create(
        email=f"bench{len(places)}@partner.example", defaults={"full_name": "Bench", "partner": partner}
    )
    LocationRole.objects.bulk_create(
        (LocationRole(user=user, location=place, role=LocationRole.Role.ADMIN) for place in places),
        ignore_conflicts=True,
    )
    try:
        yield user
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


def with_few(browser: Browser) -> int:
    """The queries of the list while its tab holds a few engagements only."""
    of_tab = Engagement.objects.filter(solution_area="azure").order_by("pk")
    others = Engagement.objects.filter(pk__in=list(of_tab.values_list("pk", flat=True)[FEW:]))
    others.update(solution_area=SolutionArea.objects.exclude(code="azure")[0])
    try:
        return browser.queries(LIST)
    finally:
        others.update(solution_area="azure")
