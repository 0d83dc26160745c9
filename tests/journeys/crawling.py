"""Which links a walk through the portal follows: one page of each kind, every tab, nothing that acts."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
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
# The demo mailbox is the same for everybody, and its letters lead to the customers' own pages.
NOT_FOLLOWED = {"mail:inbox", "mail:read", "door:consent", "door:customer_survey", "door:partner_survey"}
NOT_FOLLOWED |= {"door:invitation", "door:password_reset"}
DOWNLOADS = {
    "claims:export",
    "claims:export_file",
    "claims:document",
    "claims:sheet_report",
    "claims:sheet_template",
    "claims:template",
    "engagements:material",
}
DOWNLOADS |= {
    "admin:claims_claim_consent",
    "admin:claims_claim_document",
    "admin:claims_claim_template",
    "admin:engagements_material_download",
    "admin:engagements_catalogue_download",
    "admin:engagements_engagement_customers_download",
    "admin:engagements_engagement_customers_template",
    "admin:engagements_engagement_customers_bad_rows",
}

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
        queue.extend(inspection.pass_by(address, kind=" ".join(kind)))


def route_of(address: str) -> str:
    """The name of the address's pattern, or an empty string if the portal has no such page."""
    try:
        match = ADDRESSES.resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return match.view_name


def kind_on(site: str, told_apart: Mapping[str, Kind]) -> Callable[[str], Kind | None]:
    """Tells the kind of an address of this portal: its pattern and what is asked of it; None if it is not followed.

    Some paths of one pattern are told apart, as a claim is another page in each status.
    """

    def kind_of(address: str) -> Kind | None:
        route = route_of(address)
        parts = urlsplit(address)
        if (
            not route
            or route in NOT_FOLLOWED | DOWNLOADS
            or f"{parts.scheme}://{parts.netloc}" not in ("://", site)
        ):
            return None
        query = dict(parse_qsl(parts.query))
        if TABS.issuperset(query):
            return (route, *told_apart.get(parts.path, ()), *sorted(query.values()))
        asked = sorted({name for name in query if name not in TABS})
        return (route, *asked) if len(asked) == 1 else None

    return kind_of
