"""Customer claims at depth: 1,000,000 claims, of which 100,000 are one company's (CLM-1, P02, P03)."""

import zlib
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count

from claims.listing import COLUMNS
from claims.models import Claim
from incentives.models import Location, Partner
from mail import clock

from .figures import Figure
from .pages import Browser, milliseconds
from .somebody import EMPTIEST, bare, learn, somebody

CASE = "claims"
LIST = "/claims/?area=azure"
TIMES_AT_MOST = 2.5  # the time of a page, in the emptiest signed-in page of the same run
KILOBYTES_AT_MOST = 60
DEEP = 2000
TURNS = 20
# Told without a limit: words that stand in every claim of a million, with one that does not.
MANY_WORDS = {"searched: words in all claims and a number": f"{LIST}&search=Bulk+Customer+4217"}
TABS_OF_CUSTOMERS = ("eligible", "ineligible", "complete")
CUSTOMERS_AT_MOST = 4.0  # the same for customers who are judged as they are listed
FEW = 2
FILTERS = {
    "approved": "&status=approved",
    "disputed": "&status=disputed",
    "expired by now": "&status=consent_expired&status=not_submitted_expired",
    "one engagement": "&engagement=BULK-0042",
    "one country": "&country=HU",
    "variable payout": "&payout=variable",
    "the last three months": "&range=3m",
}
SEARCHES = {
    "a word in all claims": "bulk",
    "a customer": "4217",
    "a PartnerID": "7000160",
    "a number": "17345",
    "a word in none": "nothinglikeit",
}


def measure() -> Iterable[Figure]:
    """Every way to look at the list, each against the emptiest signed-in page, taking turns with it."""
    company = Partner.objects.filter(name__startswith="Bulk").order_by("pk")[3]
    places = list(Location.objects.filter(partner=company).select_related("partner").order_by("pk"))
    with somebody(places) as many, somebody(places[:FEW]) as some, bare() as place, somebody([place]) as one:
        learn()
        busy, narrow, idle = Browser(many), Browser(some), Browser(one)
        yield Figure(CASE, "claims", Claim.objects.count(), "claims")
        yield Figure(CASE, "claims of the company", Claim.objects.visible_to(many).count(), "claims")
        pages = {what: (busy, f"{LIST}{query}") for what, query in ways().items()}
        pages |= {
            f"with {FEW} locations: {what}": (narrow, f"{LIST}{query}") for what, query in of_few().items()
        }
        customers = customers_of(company)
        tabs = [(busy, f"{customers}{tab}") for tab in TABS_OF_CUSTOMERS]
        told = milliseconds([(busy, page) for page in MANY_WORDS.values()], times=3)
        least, *taken = milliseconds([(idle, EMPTIEST), *tabs, *pages.values()], times=TURNS)
        of_tabs, taken = taken[: len(tabs)], taken[len(tabs) :]
        yield Figure(CASE, f"with nothing on it: {EMPTIEST}", least, "ms")
        for (what, (browser, address)), time in zip(pages.items(), taken, strict=True):
            weight = len(zlib.compress(browser.get(address))) / 1000
            yield Figure(CASE, what, time, "ms")
            yield Figure(CASE, f"{what}: to the emptiest page", time / least, "times", TIMES_AT_MOST)
            yield Figure(CASE, f"{what}: compressed", weight, "kB", KILOBYTES_AT_MOST)
        for tab, time in zip(TABS_OF_CUSTOMERS, of_tabs, strict=True):
            what = f"customers of an engagement: {tab}"
            yield Figure(CASE, what, time, "ms")
            yield Figure(CASE, f"{what}: to the emptiest page", time / least, "times", CUSTOMERS_AT_MOST)
        for what, time in zip(MANY_WORDS, told, strict=True):
            yield Figure(CASE, what, time, "ms")
        few, all_of_them = narrow.queries(LIST), busy.queries(LIST)
        yield Figure(CASE, "queries of the list", all_of_them, "queries")
        yield Figure(
            CASE, f"queries more than with {FEW} locations", abs(all_of_them - few), "queries", limit=0
        )


def customers_of(company: Partner) -> str:
    """The Customers page of the engagement with most of the company's claims, up to the name of a tab."""
    claims = Claim.objects.filter(partner=company).order_by().values_list("engagement__code")
    code, _claims = claims.annotate(number=Count("pk")).order_by("-number", "engagement__code")[0]
    return f"/engagements/{code}/customers/?tab="


def ways() -> dict[str, str]:
    """First page, deep page, every filter, search and order, by what they are called."""
    first = clock.now().date() - timedelta(days=200)
    of_days = f"&range=custom&since={first}&until={first + timedelta(days=20)}"
    return {
        "first page": "",
        f"page {DEEP:,}": f"&page={DEEP}",
        **{f"filtered: {what}": query for what, query in FILTERS.items()},
        "filtered: some days": of_days,
        **{f"searched: {what}": f"&search={words.replace(' ', '+')}" for what, words in SEARCHES.items()},
        **{f"sorted by {column.heading}": f"&sort={column.key}" for column in COLUMNS},
        **{
            f"sorted by {column.heading}, page {DEEP:,}": f"&sort={column.key}&page={DEEP}"
            for column in COLUMNS
        },
    }


def of_few() -> dict[str, str]:
    return {
        "first page": "",
        "last page": "&page=150",
        "searched": "&search=bulk",
        "sorted": "&sort=customer",
    }
