"""What every answer carries, whatever its status: nothing foreign runs, nothing is framed, nothing leaks (S06)."""

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.urls import reverse

from claims.states import Status as S
from incentives.views import health, sign_in
from mail.models import Link
from tests.browsers import Browser
from tests.surveys.conftest import filled, key_of

from .filled_forms import passwords
from .knocking import knock
from .scene import Scene
from .test_who_gets_in import CARELESS

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
YEARS = "max-age=63072000"
STATUSES = {200, 301, 302, 304, 400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503}


def missing(answer: HttpResponse, *, secure: bool = True) -> list[str]:
    """The headers of this answer that are not as they must be."""
    headers = answer.headers
    directives = [
        part.split(None, 1) for part in headers.get("Content-Security-Policy", "").split("; ") if part
    ]
    wanted = {
        "policy": dict(directives) == POLICY,
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") == "same-origin",
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "https": headers.get("Strict-Transport-Security", "") == (YEARS if secure else ""),
        "silent": not {"Server", "X-Powered-By"} & set(headers),
    }
    return [name for name, is_right in wanted.items() if not is_right]


@pytest.fixture
def loaded_anew(monkeypatch):
    """The middleware reads its settings once, so it is loaded for this test alone."""
    monkeypatch.setattr(Browser, "handlers", {})


@pytest.fixture
def over_https(scene, settings, loaded_anew):
    """Every browser of the scene speaks HTTPS."""
    settings.SECURE_HSTS_SECONDS = 63072000
    scene.environ["wsgi.url_scheme"] = "https"
    yield
    scene.environ.clear()


def out_of_reach():
    raise DatabaseError


def of_each_status(scene: Scene, monkeypatch: pytest.MonkeyPatch, settings) -> dict[int, HttpResponse]:
    """One answer of every status code that the portal gives."""
    user, nobody, ready = scene.browser("user"), scene.browser("nobody"), scene.at[S.CONSENT_RECEIVED]
    claim, css = f"/claims/{ready.pk}/", "/static/css/app.css"
    over = Link.mint("consent", ready.pk, address="a@b.example", now=scene.now, expires_at=scene.now)
    settings.UPLOAD_MAX_BYTES = 10
    monkeypatch.setattr(sign_in, "TRIES_PER_PERSON", 0)
    modified = knock(nobody, "GET", css).headers["Last-Modified"]
    answers = [
        knock(user, "GET", claim),
        knock(user, "GET", claim.rstrip("/")),
        knock(nobody, "GET", claim),
        knock(nobody, "GET", css, headers={"If-Modified-Since": modified}),
        knock(user, "GET", "/claims/", query="a=%00"),
        knock(scene.browser("user", strict=True), "POST", f"{claim}comments/", {"text": "Hello"}),
        knock(user, "GET", "/claims/9999999/"),
        knock(user, "DELETE", claim),
        knock(user, "POST", f"{claim}contacts/partner/", scene.body("claims:contacts") | {"revision": 999}),
        knock(nobody, "GET", f"/consent/{key_of(over)}/"),
        knock(user, "POST", f"{claim}slots/{ready.slots.first().pk}/documents/", scene.body("claims:upload")),
        knock(user, "POST", f"{claim}comments/", {"text": ""}),
        knock(nobody, "POST", "/sign-in/", {"email": "a@b.example", "password": "wrong"}),
        knock(nobody, "GET", "/broken/"),
    ]
    monkeypatch.setattr(health.clock, "now", out_of_reach)
    return {answer.status_code: answer for answer in [*answers, knock(nobody, "GET", "/readyz")]}


@pytest.mark.urls(CARELESS)
def test_answers_of_every_status_carry_every_header(scene, over_https, monkeypatch, settings):
    found = of_each_status(scene, monkeypatch, settings)

    assert set(found) == STATUSES
    assert {status: missing(answer) for status, answer in found.items()} == {
        status: [] for status in STATUSES
    }
    assert b"Numbat" not in found[500].content and b"Traceback" not in found[500].content


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        ("a host that is not ours", {"HTTP_HOST": "evil.example"}),
        ("a path that is not text", {"PATH_INFO": "/\xff\xfe/"}),
        (
            "a form that is cut off",
            {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "multipart/form-data; boundary=x"},
        ),
        ("a cookie that is no session", {"HTTP_COOKIE": "session=%00; csrf=x"}),
        ("a refusal inside the desk", {"PATH_INFO": "/desk/claims/claim/", "HTTP_COOKIE": "session=x"}),
    ],
)
def test_refusals_before_any_page_carry_every_header_too(scene, way, wrong):
    answer = scene.browser("nobody", strict=True).request(**wrong)
    assert missing(answer, secure=False) == []


def test_a_plain_request_for_a_foreign_host_is_sent_to_our_own(scene, settings, loaded_anew):
    settings.SECURE_SSL_REDIRECT = True

    answer = scene.browser("nobody").get("/claims/", headers={"Host": "evil.example"})

    assert answer.headers["Location"] == f"https://{settings.PORTAL_URL.partition('://')[2]}/claims/"
    assert missing(answer, secure=False) == []


def test_control_without_the_middleware_the_headers_are_missed(scene, settings, loaded_anew):
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if "csp" not in name and "Security" not in name
    ]

    answer = scene.browser("nobody").get("/sign-in/")

    assert missing(answer, secure=False) == ["policy", "nosniff", "referrer", "opener"]


def test_pages_cannot_be_framed_by_old_browsers_either(scene):
    user = scene.browser("user")
    for path in ("/sign-in/", "/incentives/", f"/claims/{scene.at[S.REJECTED].pk}/", "/claims/9999999/"):
        assert knock(user, "GET", path).headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("who", "name"), [("user", "claims:document"), ("lead", "admin:claims_claim_document")]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_is_handed_out_so_that_no_browser_opens_it(scene, who, name, method):
    arguments = scene.arguments(name)
    path = reverse(name, args=[arguments["claim"], arguments["document"]])

    headers = knock(scene.browser(who), method, path).headers

    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {"private", "no-store"} <= set(headers["Cache-Control"].split(", "))
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def pages_of_links(scene: Scene) -> dict[str, HttpResponse]:
    """Every page that somebody with a one-time link comes to see."""
    nobody, pages = scene.browser("nobody"), {}
    for purpose, link in scene.links.items():
        pages[f"{purpose} opened"] = entered = nobody.get(f"/{'/'.join(ROOMS[purpose])}/{key_of(link)}/")
        form = FORMS.get(purpose) or filled(purpose.removesuffix("_survey"))
        pages[f"{purpose} shown"] = nobody.get(entered.headers["Location"])
        pages[f"{purpose} answered badly"] = nobody.post(entered.headers["Location"], {})
        pages[f"{purpose} answered"] = nobody.post(entered.headers["Location"], form)
        pages[f"{purpose} thanks"] = nobody.get(entered.headers["Location"] + "thanks/")
        pages[f"{purpose} again"] = nobody.get(entered.headers["Location"])
    pages["unknown"] = nobody.get(f"/consent/{'0' * 32}/")
    pages["malformed"] = nobody.get("/survey/customer/x/")
    pages["not opened"] = nobody.get("/survey/answer/999/")
    return pages


FORMS = {
    "consent": {"answer": "yes"},
    "invitation": {"full_name": "Potoroo Newcomer", **passwords()},
    "password_reset": passwords(),
}
ROOMS = {
    "consent": ["consent"],
    "customer_survey": ["survey", "customer"],
    "partner_survey": ["survey", "partner"],
    "invitation": ["invitation"],
    "password_reset": ["password-reset"],
}


def test_pages_behind_one_time_links_are_kept_and_indexed_by_nobody(scene):
    """Opened, answered, thanked for, opened again, or never a link at all (L08)."""
    pages = pages_of_links(scene)

    assert {200, 302, 404, 410, 422} == {page.status_code for page in pages.values()}
    for name, page in pages.items():
        assert "no-store" in page.headers["Cache-Control"], name
        assert "noindex" in page.headers["X-Robots-Tag"], name
        assert missing(page, secure=False) == [], name


@pytest.mark.urls(CARELESS)
def test_control_a_page_that_is_not_made_public_by_the_doors_is_missed(scene):
    page = scene.browser("user").get("/echoed/")

    assert page.status_code == 200
    assert "X-Robots-Tag" not in page.headers


def test_the_sign_in_page_is_not_kept(scene):
    assert "no-store" in scene.browser("nobody").get("/sign-in/").headers["Cache-Control"]
