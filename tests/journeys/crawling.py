"""Which links a walk through the portal follows: one page of each kind, every tab, nothing that acts."""

from collections import deque
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, URLResolver, include, path
from django.urls.resolvers import RegexPattern

import incentives.urls

from .inspection import Inspection

# The portal under test is a demo, whichever settings this process has.
DEMO_MAILBOX = path("demo/mailbox/", include("mail.urls"))
ADDRESSES = URLResolver(RegexPattern(r"^/"), [*incentives.urls.urlpatterns, DEMO_MAILBOX])
# A tab is a page of its own; of every other parameter one value shows what there is to see.
TABS = {"area", "tab"}
# Links of letters are the customers' own pages, and a document is a download.
NOT_FOLLOWED = {"door:consent", "door:customer_survey", "door:partner_survey"}
DOWNLOADS = {"claims:document", "admin:claims_claim_document"}

LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map((link) => link.href)"

Kind = tuple[str, ...]


def crawl(inspection: Inspection, starts: Iterable[str], *, kind_of: Callable[[str], Kind | None]) -> None:
    """Look at one page of each kind that can be reached from these by links."""
    queue, known = deque(starts), set()
    while queue:
        address = queue.popleft()
        kind = kind_of(address)
        if kind is None or kind in known:
            continue
        known.add(kind)
        inspection.visit(address, kind=" ".join(kind))
        queue.extend(inspection.page.evaluate(LINKS))


def route_of(address: str) -> str:
    """The name of the address's pattern, or an empty string if the portal has no such page."""
    try:
        match = ADDRESSES.resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return match.view_name


def kind_on(site: str) -> Callable[[str], Kind | None]:
    """Tells the kind of an address of this portal: its pattern and what is asked of it; None if it is not followed."""

    def kind_of(address: str) -> Kind | None:
        route = route_of(address)
        parts = urlsplit(address)
        if not route or route in NOT_FOLLOWED | DOWNLOADS or f"{parts.scheme}://{parts.netloc}" not in ("://", site):
            return None
        query = dict(parse_qsl(parts.query))
        if TABS.issuperset(query):
            return (route, *sorted(query.values()))
        return (route, *sorted({name for name in query if name not in TABS}))

    return kind_of
