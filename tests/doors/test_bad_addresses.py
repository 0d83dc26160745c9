"""Addresses and headers as no page of ours writes them: a clear answer, and never an error of ours (I02, I03)."""

from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from tests.breadth import everybody

from .knocking import knock, writes
from .routes import routes
from .scene import Scene
from .test_who_gets_in import MAILBOX

pytestmark = pytest.mark.django_db
CALM = {200, 301, 302, 304, 400, 403, 404, 405, 410, 422}
# Every list of the workspace with the names of its filters, and every list of the desk with its own.
FILTERS = {
    "incentives:overview": ("status", "country"),
    "engagements:list": ("location", "status", "role"),
    "engagements:eligibility": ("region", "country", "location", "status"),
    "engagements:customers": ("status", "engagement", "country", "location", "range"),
    "claims:list": ("status", "engagement", "country", "location", "payout", "range", "show"),
    "incentives:users": ("role", "status", "location"),
    "incentives:audit": ("action",),
}
# Who may read a list; all others are read by the user, and by the lead at the desk.
READERS = {
    "incentives:users": "admin",
    "incentives:audit": "admin",
    "admin:incentives_auditentry_changelist": "auditor",
    "admin:incentives_payeeprofile_changelist": "owner",
}
OF_THE_DESK = {
    "admin:claims_claim_changelist": ("status", "area", "engagement", "country", "dispute"),
    "admin:engagements_engagement_changelist": ("area", "payout"),
    "admin:engagements_ratecard_changelist": ("area", "engagement"),
    "admin:incentives_payeeprofile_changelist": ("enrolment", "status"),
    "admin:incentives_auditentry_changelist": ("action",),
    "admin:incentives_enrolment_changelist": ("status", "terms"),
    "admin:mail_message_changelist": ("state", "kind"),
    "admin:incentives_programmeterms_changelist": (),
    "admin:engagements_marketlist_changelist": (),
    "admin:engagements_solutionarea_changelist": (),
    "admin:engagements_activitytype_changelist": (),
    "admin:engagements_privatelistentry_changelist": ("engagement",),
    "admin:engagements_cannedcomment_changelist": ("engagement",),
    "admin:engagements_material_changelist": ("kind",),
    "admin:engagements_engagement_customers": ("kind", "value", "page"),
}
USED_DAILY = {"claims:list", "engagements:list", "engagements:customers", "incentives:users"}
USED_DAILY |= {"admin:claims_claim_changelist", "admin:incentives_enrolment_changelist"}
USED_DAILY |= {"admin:engagements_engagement_customers"}
PAGES = ["0", "-1", "2", "abc", "9" * 25, "9" * 5000]
ORDERS = ["nothing", "--id", "location__partner__name", "x" * 10_000]
VALUES = ["nothing", "9" * 25, "9" * 5000, "1' OR '1'='1"]
WORDS = [
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    ":*",
    "a:*b",
    "&",
    "|",
    "!",
    "( )",
    "<->",
    "a & !b",
    "%",
    "_",
    "*",
    "--",
    "/*",
    "😀",
    "é",
]
# Invalid UTF-8, a lone surrogate, an overlong slash, half a percent sign, arrays, and names of nothing.
BROKEN = [
    "search=%ff%fe&q=%ff",
    "search=%ED%A0%80",
    "status=%c0%af&search=%&o=%",
    "=&&&search[]=x&page[]=1&p[]=1",
]


def paths(scene: Scene, names) -> dict[str, str]:
    return {route.name: scene.path(route) for route in routes() if route.name in names}


def answers(browser: Client, path: str, queries: list[str]) -> dict[str, int]:
    """The status code by query."""
    return {query[:60]: knock(browser, "GET", path, query=query).status_code for query in queries}


@pytest.mark.parametrize("name", everybody(FILTERS, first=USED_DAILY))
def test_a_strange_page_order_or_filter_is_told_apart_from_an_empty_list(scene, name):
    user, path = scene.browser(READERS.get(name, "user")), paths(scene, {name})[name]
    pages = answers(user, path, [f"page={quote(number)}" for number in PAGES])
    orders = answers(user, path, [f"sort={quote(order)}" for order in ORDERS])
    filters = answers(user, path, [f"{it}={quote(value)}" for it in FILTERS[name] for value in VALUES])

    assert knock(user, "GET", path).status_code == 200
    assert pages == dict.fromkeys(pages, 404)
    assert orders == dict.fromkeys(orders, 422)
    assert filters == dict.fromkeys(filters, 422)


@pytest.mark.parametrize("name", everybody(FILTERS, first=USED_DAILY))
def test_any_words_can_be_searched_for(scene, name):
    user, path = scene.browser(READERS.get(name, "user")), paths(scene, {name})[name]
    found = answers(user, path, [f"search={quote(words)}" for words in [*WORDS[:4], " ".join(WORDS)]])
    assert found == dict.fromkeys(found, 200)
    assert set(answers(user, path, [f"search={'x' * 201}", f"search={'9' * 10_000}"]).values()) == {422}


@pytest.mark.parametrize(
    "query", ["tab=nothing", "tab=eligible'", f"tab={'x' * 10_000}", "tab[]=complete&tab="]
)
def test_a_tab_that_does_not_exist_is_not_found(scene, query):
    path = paths(scene, {"engagements:customers"})["engagements:customers"]
    assert knock(scene.browser("user"), "GET", path, query=query).status_code == 404


@pytest.mark.parametrize(
    "query", ["area=nothing", f"area={'9' * 25}", f"area={'x' * 10_000}", "area=%ff", "area='"]
)
@pytest.mark.parametrize("name", ["claims:list", "engagements:list"])
def test_a_solution_area_that_does_not_exist_is_not_found(scene, name, query):
    assert knock(scene.browser("user"), "GET", paths(scene, {name})[name], query=query).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["only=nothing", "only='", f"only={'x' * 10_000}", "page=2", f"page={'9' * 25}", "only=ready&page=0"],
)
def test_rows_of_a_sheet_that_do_not_exist_are_not_found(scene, query):
    path = paths(scene, {"claims:sheet"})["claims:sheet"]
    assert knock(scene.browser("user"), "GET", path, query=query).status_code == 404


@pytest.mark.parametrize("name", ["claims:sheet_template", "claims:sheet_report"])
def test_a_file_of_another_kind_is_not_made(scene, name):
    path = paths(scene, {name})[name]
    assert knock(scene.browser("user"), "GET", path, query="format=pdf").status_code == 422


@pytest.mark.parametrize(
    "query", ["matter=nothing", "matter='", "matter=action&page=9", f"page={'9' * 25}&matter=enrol"]
)
def test_a_matter_that_does_not_exist_is_not_found(scene, query):
    path = paths(scene, {"engagements:attention"})["engagements:attention"]
    assert knock(scene.browser("user"), "GET", path, query=query).status_code == 404


@pytest.mark.parametrize("name", everybody(OF_THE_DESK, first=USED_DAILY))
def test_strange_addresses_at_the_desk_are_no_error_of_ours(scene, name):
    lead, path = scene.browser(READERS.get(name, "lead")), paths(scene, {name})[name]
    queries = [f"p={quote(number)}" for number in PAGES]
    queries += [f"o={quote(order)}" for order in [*ORDERS, "99", "-99", "1.99", "1.-1", "0", "9" * 25]]
    queries += [f"{it}={quote(value)}" for it in OF_THE_DESK[name] for value in VALUES]
    queries += [f"q={quote(words)}" for words in [*WORDS[:4], " ".join(WORDS), "9" * 25, "9" * 5000]]
    queries += [
        "password__startswith=x",
        "location__partner__name=x",
        "id__in=1,x",
        "_to_field=password",
        "_popup=1",
    ]
    queries += ["e=1", "all=", "status__exact=approved", "_facets=1", "_changelist_filters=%ff", *BROKEN]

    found = answers(lead, path, queries)

    assert {query: code for query, code in found.items() if code not in CALM} == {}
    assert found["_to_field=password"] == (400 if name.endswith("_changelist") else 200)


def test_broken_text_in_the_address_breaks_no_page(scene):
    browsers = {who: scene.browser(who) for who in ("user", "lead", "nobody")}
    before, trouble = writes(), {}
    for name, path in paths(scene, {route.name for route in routes()}).items():
        who = "lead" if path.startswith("/desk/") else "user" if name not in MAILBOX else "nobody"
        for query in ("&".join(BROKEN), "x" * 10_000):
            code = knock(browsers[who], "GET", path, query=query).status_code
            if code not in CALM:
                trouble[name, query] = code

    assert trouble == {}
    assert writes() == before


def test_a_nul_in_the_address_is_a_bad_request(scene):
    user, found = scene.browser("user"), {}
    for name, path in paths(scene, {route.name for route in routes()}).items():
        found[name, "query"] = knock(user, "GET", path, query="search=a%00b").status_code
        found[name, "path"] = knock(user, "GET", f"{path}\0").status_code

    assert found == dict.fromkeys(found, 400)


def test_more_parameters_than_any_page_has_are_a_bad_request(scene):
    query = "&".join(f"status={n}" for n in range(3000))
    found = {
        name: knock(scene.browser(READERS.get(name, "user")), "GET", path, query=query).status_code
        for name, path in paths(scene, FILTERS).items()
    }
    assert found == dict.fromkeys(FILTERS, 400)


ODD_PATHS = [
    *(
        f"/claims/{number}/"
        for number in ("9" * 20, "9" * 5000, "0", "-1", "1.0", "1e3", "٣", "0x1", "abc", " 1", "%31")
    ),
    *(f"/engagements/{code}/" for code in ("x" * 10_000, "ﷺ", "MWS'02", "..", "%2e%2e", "a b", "\udcff")),
    *(f"/claims/add/{draft}/customer/" for draft in ("x", "0" * 32, "00000000-0000-0000-0000-00000000000g")),
    "/consent/" + "f" * 10_000 + "/",
    "/consent/ﷺ/",
    "/survey/customer/" + "/" * 50,
    f"/desk/claims/claim/{'9' * 25}/change/",
    f"/desk/engagements/engagement/{'9' * 25}/change/",
    "/desk/engagements/engagement/_5F/change/",
    f"/desk/r/{'9' * 25}/{'9' * 25}/",
    "/desk/r/x/y/",
    "/\udcff\udcfe/",
    "/" + "a/" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("who", ["nobody", "user", "lead"])
def test_a_path_that_names_nothing_is_not_found_or_asks_to_sign_in(scene, who):
    browser = scene.browser(who)
    found = {path[:60]: knock(browser, "GET", path).status_code for path in ODD_PATHS}
    assert {path: code for path, code in found.items() if code not in {302, 404}} == {}


HEADERS = [
    {"HX-Request": "true", "HX-Current-URL": "http://[", "HX-Target": "x" * 10_000},
    {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%ff%ED%A0%80"},
    {"HX-Request": "true", "HX-Trigger": "\xff", "Triggering-Event": "{", "HX-Prompt": "%"},
    {"HX-Request": "maybe", "HX-Boosted": "[]"},
    {"Accept-Language": "x" * 5000, "Accept": "\xff", "Accept-Encoding": "*;q=2"},
    {"If-Modified-Since": "yesterday", "If-None-Match": '"', "Range": "bytes=9-1,-,x"},
    {"X-Forwarded-For": "x, " * 1000, "X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "\xff"},
    {"Authorization": "Basic ====", "Origin": "http://[", "Referer": "http://["},
]
COOKIES = [
    r'{session}="\000\000\000\000\000\000\000\000\000"',
    "{session}=" + "x" * 5000,
    "{session}=\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7",
    r'{csrf}="\000"; {session}=aaaaaaaa',
    "messages=W10:x; {csrf}=x",
    r'messages="[[\"__json_message\",0,20,\"x\"]]:x"',
    ';;;=;"',
    "{session}=a; {session}=b; " * 100,
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: " ".join(headers))
def test_strange_headers_break_no_page(scene, headers):
    user, document = scene.browser("user"), paths(scene, {"claims:document"})["claims:document"]
    tried = {
        *paths(scene, FILTERS).values(),
        "/sign-in/",
        "/healthz",
        "/static/css/app.css",
        document,
        "/nothing/",
    }
    found = {path: knock(user, "GET", path, headers=headers).status_code for path in tried}
    assert {path: code for path, code in found.items() if code not in {200, 206, 304, 404, 416}} == {}


@pytest.mark.parametrize("cookie", COOKIES, ids=lambda cookie: cookie[:30])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strange_cookies_are_no_cookies(scene, method, cookie):
    names = {"session": settings.SESSION_COOKIE_NAME, "csrf": settings.CSRF_COOKIE_NAME}
    nobody = scene.browser("nobody")
    for path in ("/", "/claims/", "/sign-in/", f"/consent/{'0' * 32}/", "/survey/answer/1/", "/desk/"):
        jar = cookie.replace("{session}", names["session"]).replace("{csrf}", names["csrf"])
        assert knock(nobody, method, path, HTTP_COOKIE=jar).status_code in {200, 302, 400, 404, 405, 422}, (
            path
        )
