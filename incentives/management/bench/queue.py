"""The reviewers' queue over 1,000,000 claims: what waits, all of it, filtered, searched, and its last page (P02)."""

from collections.abc import Iterable

from django.db.models import Count

from claims.models import Claim
from claims.states import IN_REVIEW, Status

from .figures import Figure
from .pages import Browser, milliseconds
from .somebody import reviewer

CASE = "queue"
QUEUE = "/desk/claims/claim/"
MS = 300


def measure() -> Iterable[Figure]:
    """Each page of a reviewer against the limit; the emptiest page of the desk beside them tells how fast it can be."""
    with reviewer() as person:
        browser = Browser(person)
        yield Figure(CASE, "claims", Claim.objects.count(), "claims")
        yield Figure(CASE, "claims that wait", Claim.objects.filter(status__in=IN_REVIEW).count(), "claims")
        least, *taken = milliseconds([(browser, "/desk/"), *((browser, page) for page in pages().values())])
        yield Figure(CASE, "the desk's first page", least, "ms")
        for what, time in zip(pages(), taken, strict=True):
            yield Figure(CASE, what, time, "ms", MS)


def pages() -> dict[str, str]:
    busiest = Claim.objects.order_by().values_list("engagement__code").annotate(number=Count("pk"))
    engagement, _claims = busiest.order_by("-number", "engagement__code")[0]
    return {
        "what waits": QUEUE,
        "all claims": f"{QUEUE}?status=all",
        "approved claims": f"{QUEUE}?status={Status.APPROVED}",
        "all claims of one engagement": f"{QUEUE}?status=all&engagement={engagement}",
        "searched in all: a customer": f"{QUEUE}?status=all&q=4217",
        "searched in all: a word in all claims": f"{QUEUE}?status=all&q=bulk",
        "searched in all: a word in none": f"{QUEUE}?status=all&q=nothinglikeit",
    }
