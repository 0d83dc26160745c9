"""MCI engagements for one person of 500 locations, with 500 engagements and 1,000,000 claims (ENG-1, P03)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from claims.models import Claim
from engagements.models import Engagement, SolutionArea
from incentives.models import Enrolment, Location, LocationRole, Partner, User
from mail import clock

from .. import payees
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
# The pages with the least on them; the quickest is what the list is held against.
EMPTIEST = ("/engagements/attention/", "/claims/")


def measure() -> Iterable[Figure]:
    """The list's time against the emptiest signed-in page, and its queries with many engagements and with few."""
    locations = list(Location.objects.all())
    with somebody(locations) as many, somebody([]) as none, bare() as place, somebody([place]) as one:
        busy, idle, roleless = Browser(many), Browser(one), Browser(none)
        empty = [(idle, page) for page in EMPTIEST] + [(roleless, LIST)]
        *least, of_list = milliseconds([*empty, (busy, LIST)])
        told = milliseconds([(busy, page) for page in TOLD.values()], times=9)
        queries, fewer = busy.queries(LIST), with_few(busy)
    yield Figure(CASE, "claims", Claim.objects.count(), "claims")
    yield Figure(CASE, "open claims", Claim.objects.open(clock.now()).count(), "claims")
    for (_browser, page), time in zip(empty, least, strict=True):
        yield Figure(CASE, f"empty: {page}", time, "ms")
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
    """A person with a role for each of these locations, who is gone when everything is measured."""
    partner = places[0].partner if places else Partner.objects.order_by("pk")[0]
    user = User.objects.create(
        email=f"bench{len(places)}@partner.example", full_name="Bench", partner=partner
    )
    LocationRole.objects.bulk_create(
        LocationRole(user=user, location=place, role=LocationRole.Role.ADMIN) for place in places
    )
    yield user
    user.delete()


@contextmanager
def bare() -> Iterator[Location]:
    """An enrolled location at which nothing has happened yet."""
    partner = Partner.objects.create(global_id=1, name="Bare")
    place = Location.objects.create(
        partner=partner, partner_number=1, name="Bare", city="Bare", country="US", region="Bare"
    )
    Enrolment.objects.create(location=place, status=Enrolment.Status.ENROLLED)
    payees.sample(place).save()
    yield place
    place.delete()
    partner.delete()


def with_few(browser: Browser) -> int:
    """The queries of the list while its tab holds a few engagements only."""
    with transaction.atomic():
        few = Engagement.objects.filter(solution_area="azure").order_by("pk").values("pk")[:FEW]
        others = Engagement.objects.filter(solution_area="azure").exclude(pk__in=few)
        others.update(solution_area=SolutionArea.objects.exclude(code="azure")[0])
        counted = browser.queries(LIST)
        transaction.set_rollback(True)
    return counted
