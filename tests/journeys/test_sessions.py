"""Sessions as they are in production, over TLS (S01): cookies, their life and death, and ways in that stay shut."""

import re
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from math import log2
from pathlib import Path

import psycopg
import pytest
import trustme
from playwright.sync_api import APIRequestContext, APIResponse, Playwright

from dev.environment import Site
from incentives.management.demo import PASSWORD
from mail.models.links import derive

from .another_web import Web, another_web

USER, COLLEAGUE = "user@fridayinc.example", "admin@fridayinc.example"
SESSION, CSRF = "__Host-session", "__Host-csrf"
LIFE = timedelta(hours=12)
YEAR = 365 * 24 * 3600
PRODUCTION = {"PORTAL_URL": "https://localhost:{port}", "DEMO": "0"}


class Caller:
    """Somebody with a cookie jar, who sees every header and follows no redirect."""

    def __init__(self, calls: APIRequestContext, address: str) -> None:
        self.calls, self.address = calls, address

    def get(self, path: str, **headers: str) -> APIResponse:
        return self.calls.get(path, headers=headers, max_redirects=0)

    def post(self, path: str, **fields: str) -> APIResponse:
        headers = {"Origin": self.address}
        return self.calls.post(path, form=fields, headers=headers, max_redirects=0)

    def sign_in(self, email: str = USER) -> APIResponse:
        return self.post("/sign-in/", **self.token("/sign-in/"), email=email, password=PASSWORD)

    def sign_out(self) -> APIResponse:
        return self.post("/sign-out/", **self.token("/claims/"))

    def token(self, path: str) -> dict[str, str]:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text())
        return {"csrfmiddlewaretoken": found[1]} if found else {}

    @property
    def jar(self) -> dict[str, str]:
        return {cookie["name"]: cookie["value"] for cookie in self.calls.storage_state()["cookies"]}


def cookies_of(response: APIResponse) -> dict[str, Morsel]:
    """The cookies that an answer sets, as written."""
    lines = [line["value"] for line in response.headers_array if line["name"].lower() == "set-cookie"]
    return {name: morsel for line in lines for name, morsel in SimpleCookie(line).items()}


@pytest.fixture(scope="module")
def web(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("tls")
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    tls = ("--certfile", folder / "certificate.pem", "--keyfile", folder / "key.pem")
    with another_web(site, folder / "web.log", *tls, **PRODUCTION) as web:
        yield web


@pytest.fixture
def caller(web: Web, playwright: Playwright) -> Iterator[Callable[..., Caller]]:
    made = []

    def call(address: str = f"https://localhost:{web.port}", *, cookies: Sequence[dict] = ()) -> Caller:
        jar = {"cookies": [*cookies], "origins": []}
        calls = playwright.request.new_context(base_url=address, ignore_https_errors=True, storage_state=jar)
        made.append(calls)
        return Caller(calls, address)

    yield call
    for calls in made:
        calls.dispose()


@pytest.fixture
def living_link(site: Site) -> str:
    """The path of a one-time link that a customer of the demo was sent."""
    query = "SELECT nonce FROM mail_link WHERE purpose = 'consent' AND used_at IS NULL AND revoked_at IS NULL"
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        ((nonce,),) = connection.execute(f"{query} AND expires_at > now() LIMIT 1").fetchall()
    return f"/consent/{derive(site.env['SECRET_KEY'], nonce)}/"


def planted(session: str) -> dict[str, object]:
    """A session cookie that somebody else has put into this jar."""
    place = {"domain": "localhost", "path": "/", "expires": -1}
    return {"name": SESSION, "value": session, "httpOnly": True, "secure": True, "sameSite": "Lax", **place}


def is_in(caller: Caller) -> bool:
    return caller.get("/incentives/").status == 200


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("secure", True), ("httponly", True), ("samesite", "Lax"), ("path", "/"), ("domain", "")],
)
@pytest.mark.parametrize("name", [SESSION, CSRF])
def test_cookies_stay_with_this_host_and_its_tls(caller, name, attribute, value):
    somebody = caller()
    set_cookies = cookies_of(somebody.get("/sign-in/")) | cookies_of(somebody.sign_in())

    assert set_cookies[name][attribute] == value


def test_no_cookie_has_another_name_or_is_readable_by_scripts(caller):
    somebody = caller()
    answers = [somebody.get("/sign-in/"), somebody.sign_in(), somebody.get("/claims/"), somebody.sign_out()]
    written = [morsel for answer in answers for morsel in cookies_of(answer).values()]

    assert {morsel.key for morsel in written} - {"messages"} == {SESSION, CSRF}
    assert all((morsel["secure"] and morsel["httponly"]) or not morsel.value for morsel in written)


def test_a_session_lives_twelve_hours_in_browser_and_database(caller, site):
    cookie = cookies_of(caller().sign_in())[SESSION]
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        query = "SELECT expire_date - now() FROM django_session WHERE session_key = %s"
        ((left,),) = connection.execute(query, [cookie.value]).fetchall()

    assert int(cookie["max-age"]) == LIFE.total_seconds()
    assert timedelta() <= LIFE - left < timedelta(minutes=1)


def test_a_session_id_cannot_be_guessed(caller):
    ids = [cookies_of(caller().sign_in())[SESSION].value for _ in range(4)]

    assert len(set(ids)) == len({value[:4] for value in ids}) == 4
    for value in ids:
        assert set(value) <= set(string.ascii_lowercase + string.digits)
        assert len(value) * log2(36) >= 128


DEAD_LINK = f"/consent/{'0' * 32}/"


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz", "/no-such-page/", "/claims/", DEAD_LINK])
def test_who_only_looks_gets_no_session(caller, path):
    assert SESSION not in cookies_of(caller().get(path))


def test_a_made_up_session_id_is_never_adopted(caller):
    made_up = "a" * 32
    somebody = caller(cookies=[planted(made_up)])
    assert somebody.jar[SESSION] == made_up

    somebody.sign_in()

    assert is_in(somebody)
    assert somebody.jar[SESSION] != made_up
    assert not is_in(caller(cookies=[planted(made_up)]))


def test_the_session_of_a_link_page_is_not_worth_more_after_sign_in(caller, living_link):
    """Session fixation: who lured somebody into a session they know gains nothing when that person signs in."""
    attacker = caller()
    attacker.get(living_link)
    known = attacker.jar[SESSION]
    victim = caller(cookies=[planted(known)])
    victim.sign_in()

    assert is_in(victim)
    assert victim.jar[SESSION] != known
    assert not is_in(attacker)


def test_sign_in_as_somebody_else_changes_the_id_and_ends_the_old_one(caller):
    somebody = caller()
    somebody.sign_in()
    before = somebody.jar[SESSION]
    somebody.sign_in(COLLEAGUE)

    assert somebody.jar[SESSION] != before
    assert is_in(somebody)
    assert not is_in(caller(cookies=[planted(before)]))


def test_signing_in_again_changes_the_id_too(caller):
    somebody = caller()
    somebody.sign_in()
    before = somebody.jar[SESSION]
    somebody.sign_in()

    assert somebody.jar[SESSION] != before
    assert not is_in(caller(cookies=[planted(before)]))


def test_sign_out_ends_the_session_everywhere_it_was_copied(caller):
    somebody = caller()
    somebody.sign_in()
    copied = somebody.jar[SESSION]
    thief = caller(cookies=[planted(copied)])
    assert is_in(thief)

    answer = somebody.sign_out()

    assert (answer.status, answer.headers["location"]) == (302, "/sign-in/")
    assert SESSION not in somebody.jar
    assert not is_in(somebody)
    assert not is_in(thief)


@pytest.mark.parametrize("path", ["/sign-out/", "/desk/logout/"])
def test_nobody_is_signed_out_by_a_mere_link(caller, path):
    somebody = caller()
    somebody.sign_in()

    assert somebody.get(path).status in (404, 405)
    assert is_in(somebody)


def test_nobody_is_signed_in_by_a_mere_link(caller):
    somebody = caller()
    answer = somebody.get(f"/sign-in/?email={USER}&password={PASSWORD}")

    assert answer.status == 200
    assert SESSION not in cookies_of(answer)
    assert PASSWORD not in answer.text()
    assert not is_in(somebody)


def test_sign_in_needs_the_token_of_its_form(caller):
    somebody = caller()
    token = somebody.token("/sign-in/")
    wrong = {"csrfmiddlewaretoken": token["csrfmiddlewaretoken"][::-1]}

    assert somebody.post("/sign-in/", email=USER, password=PASSWORD).status == 403
    assert somebody.post("/sign-in/", **wrong, email=USER, password=PASSWORD).status == 403
    assert somebody.post("/sign-in/", **token, email=USER, password=PASSWORD).status == 302


def test_a_form_from_another_site_is_refused(caller):
    somebody = caller()
    somebody.sign_in()
    somebody.address = "https://elsewhere.example"

    assert somebody.sign_out().status == 403
    assert is_in(somebody)


def test_no_address_carries_a_secret(caller):
    somebody = caller()
    secrets = [PASSWORD]
    answers = [
        somebody.sign_in(),
        somebody.get("/claims/"),
        somebody.get("/engagements/"),
        somebody.sign_out(),
    ]
    secrets += [morsel.value for answer in answers for morsel in cookies_of(answer).values() if morsel.value]
    addresses = [answer.headers.get("location", "") for answer in answers]
    for answer in answers:
        addresses += re.findall(r'(?:href|action|src)="([^"]*)"', answer.text())

    assert len(addresses) > 20
    assert not [address for address in addresses if any(secret in address for secret in secrets)]


@pytest.mark.parametrize("path", ["/incentives/", "/claims/", "/claims/3000001/", "/no-such-page/"])
def test_no_cache_keeps_what_only_one_person_may_see(caller, path):
    somebody = caller()
    somebody.sign_in()

    assert {"no-store", "private"} <= set(re.split(r",\s*", somebody.get(path).headers["cache-control"]))


def test_static_files_may_be_kept(caller):
    assert "no-store" not in caller().get("/static/css/app.css").headers["cache-control"]


@pytest.mark.parametrize("path", ["/sign-in/", "/claims/", "/no-such-page/", "/static/css/app.css"])
def test_browsers_are_told_to_come_by_tls_only(caller, path):
    told = caller().get(path).headers["strict-transport-security"]

    assert int(re.search(r"max-age=(\d+)", told)[1]) >= YEAR
    assert "includeSubDomains" in told


def test_plain_http_leads_to_tls_except_for_the_health_checks(caller, site, tmp_path: Path):
    with another_web(site, tmp_path / "plain.log", **PRODUCTION) as plain:
        somebody = caller(f"http://localhost:{plain.port}")
        for path in ("/", "/sign-in/", "/claims/?status=approved"):
            answer = somebody.get(path)
            assert answer.status == 301
            assert answer.headers["location"] == f"https://localhost:{plain.port}{path}"
            assert cookies_of(answer) == {}
        for path in ("/healthz", "/readyz"):
            assert somebody.get(path).status == 200
