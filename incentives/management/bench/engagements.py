"""MCI engagements for one person of 500 locations, with 500 engagements and 1,000,000 claims (ENG-1, P03)."""

from collections.abc import Iterable

from claims.models import Claim
from engagements.models import Engagement, SolutionArea
from incentives.models import Location
from mail import clock

from .figures import Figure
from .pages import Browser, milliseconds
from .somebody import EMPTIEST, bare, learn, somebody

CASE = "engagements"
LIST = "/engagements/?area=azure"
FEW = 25
# What else this person may open, and how the list may be asked: told, without a limit.
TOLD = {
    "the list by eligibility": f"{LIST}&sort=-eligibility",
    "the list by active customers": f"{LIST}&sort=-customers",
    "a search in the list": f"{LIST}&search=0042",
    "Eligibility of one engagement": "/engagements/BULK-0001/eligibility/",
}
# What says more than a list: the time of each, in the emptiest signed-in page of the same run.
HELD = {"Overview": ("/incentives/", 3.0), "Attention required": ("/engagements/attention/", 4.0)}


def measure() -> Iterable[Figure]:
    """The list's time against the emptiest signed-in page, and its queries with many engagements and with few."""
    locations = list(Location.objects.filter(partner_number__gt=1).select_related("partner"))
    with somebody(locations) as many, somebody([]) as none, bare() as place, somebody([place]) as one:
        learn()
        busy, idle, roleless = Browser(many), Browser(one), Browser(none)
        pages = [(busy, page) for page, _limit in HELD.values()]
        least, of_list, refusal, *held = milliseconds(
            [(idle, EMPTIEST), (busy, LIST), (roleless, LIST), *pages]
        )
        told = milliseconds([(busy, page) for page in TOLD.values()], times=5)
        queries, fewer = busy.queries(LIST), with_few(busy)
    yield Figure(CASE, "claims", Claim.objects.count(), "claims")
    yield Figure(CASE, "open claims", Claim.objects.open(clock.now()).count(), "claims")
    yield Figure(CASE, f"with nothing on it: {EMPTIEST}", least, "ms")
    yield Figure(CASE, "what somebody without a role is told", refusal, "ms")
    yield Figure(CASE, "the list of 500 engagements", of_list, "ms")
    yield Figure(CASE, "the list against the emptiest signed-in page", of_list / least, "times", limit=2.5)
    yield Figure(CASE, "queries of the list", queries, "queries")
    yield Figure(CASE, f"queries more than with {FEW} engagements", abs(queries - fewer), "queries", limit=0)
    for (what, (_page, limit)), time in zip(HELD.items(), held, strict=True):
        yield Figure(CASE, what, time, "ms")
        yield Figure(CASE, f"{what}: to the emptiest page", time / least, "times", limit=limit)
    for what, time in zip(TOLD, told, strict=True):
        yield Figure(CASE, what, time, "ms")


def with_few(browser: Browser) -> int:
    """The queries of the list while its tab holds a few engagements only."""
    of_tab = Engagement.objects.filter(solution_area="azure").order_by("pk")
    others = Engagement.objects.filter(pk__in=list(of_tab.values_list("pk", flat=True)[FEW:]))
    others.update(solution_area=SolutionArea.objects.exclude(code="azure")[0])
    try:
        return browser.queries(LIST)
    finally:
        others.update(solution_area="azure")
