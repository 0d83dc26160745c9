"""What a discovery document is believed, and what it costs when the authority misbehaves (WIZ-3)."""

import json
import logging
import socket
import ssl
import threading

import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from claims.directory.bounded import Answer
from claims.directory.openid import AT_MOST, Discovery, Silent, Unreachable

from . import authority as says
from .authority import OTHER_TENANT, TENANT, document, failing, raw, refusing, serving, tenant

DOMAIN = "contoso.com"


def ask(authority, domain=DOMAIN, *, within=20.0):
    return Discovery(authority.url, within=within).tenant_of(domain)


def test_a_document_names_the_tenant(authority):
    authority.says[DOMAIN] = tenant()
    assert ask(authority) == TENANT
    assert authority.heads == [
        f"GET /{DOMAIN}/v2.0/.well-known/openid-configuration HTTP/1.1\n"
        f"Host: {authority.url.removeprefix('http://')}\n"
        "Accept: application/json\nAccept-Encoding: identity\nUser-Agent: portal"
    ]


@pytest.mark.parametrize(
    "saying",
    [
        says.unknown_tenant,
        says.no_domain_at_all,
        refusing(404, error="invalid_tenant"),
        refusing(404, error="invalid_tenant", error_codes="not a list"),
    ],
)
def test_an_authority_may_know_no_such_tenant(authority, saying):
    authority.says[DOMAIN] = saying
    assert ask(authority) is None


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_authority_that_is_down_or_overloaded_is_silent(authority, status):
    authority.says[DOMAIN] = refusing(status, error="invalid_tenant")
    with pytest.raises(Silent):
        ask(authority)


LIES = {
    "HTML": failing(200, "<!doctype html><title>Sign in</title>", "Content-Type: text/html"),
    "nothing": failing(200),
    "no object": failing(200, json.dumps([1, 2])),
    "a text": failing(200, json.dumps(f"/{TENANT}/v2.0")),
    "not UTF-8": failing(200, b'{"issuer": "\xff"}'),
    "nested without end": failing(200, "[" * 60_000),
    "a number without end": failing(200, "9" * 60_000),
    "no issuer": tenant(issuer=None),
    "no token endpoint": tenant(token_endpoint=None),
    "an issuer that is a list": tenant(issuer=[TENANT]),
    "no GUID": tenant("contoso"),
    "the template of a tenant": tenant("{tenantid}"),
    "an upper case GUID": tenant(TENANT.upper()),
    "a GUID with a line behind": tenant(TENANT + "\n"),
    "another tenant in the issuer": lambda authority, request: tenant(
        issuer=document(authority.url, OTHER_TENANT)["issuer"]
    )(authority, request),
    "another server's issuer": tenant(issuer=f"https://login.evil.example/{TENANT}/v2.0"),
    "an issuer that only begins right": lambda authority, request: tenant(
        issuer=f"{authority.url}.evil.example/{TENANT}/v2.0"
    )(authority, request),
    "a token endpoint elsewhere": tenant(token_endpoint=f"https://evil.example/{TENANT}/oauth2/v2.0/token"),
    "twenty million bytes": says.flood,
    "another refusal": refusing(400, error="invalid_request", error_codes=[9002313]),
    "a refusal by a proxy": failing(404, "<h1>Not found</h1>", "Content-Type: text/html"),
    "not allowed": refusing(403, error="invalid_tenant"),
    "a document that was not found": lambda authority, request: failing(
        404, json.dumps(document(authority.url))
    )(authority, request),
}


@pytest.mark.parametrize("lie", LIES)
def test_nothing_else_is_believed(authority, lie):
    authority.says[DOMAIN] = LIES[lie]
    with pytest.raises(Unreachable) as refusal:
        ask(authority)
    assert refusal.type is Unreachable


def test_of_a_flood_no_more_is_read_than_a_document_may_have(authority, monkeypatch):
    read = []
    monkeypatch.setattr("claims.directory.openid.object_in", lambda body: read.append(len(body)) or {})
    authority.says[DOMAIN] = says.flood
    with pytest.raises(Unreachable):
        ask(authority)
    assert read == [AT_MOST + 1]


def test_a_document_of_the_largest_size_is_read(authority):
    spare = AT_MOST - len(json.dumps(document(authority.url) | {"more": ""}))
    authority.says[DOMAIN] = tenant(more="x" * spare)
    assert ask(authority) == TENANT
    authority.says[DOMAIN] = tenant(more="x" * (spare + 1))
    with pytest.raises(Unreachable):
        ask(authority)


HOME = "https://login.example"
ADDRESSES = st.builds(
    "{}/{}/{}".format,
    st.sampled_from([HOME, HOME + ".evil.example", "https://evil.example", "http://login.example", ""]),
    st.sampled_from([TENANT, OTHER_TENANT, TENANT.upper(), TENANT[1:], "common", f"{TENANT}/x", ""]),
    st.sampled_from(["v2.0", "oauth2/v2.0/token", "v2.0/", "v2.0?x", "v2.0\n", ""]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ADDRESSES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "issuer": ADDRESSES | JSON,
        "token_endpoint": ADDRESSES | JSON,
        "error": st.just("invalid_tenant") | JSON,
        "error_codes": st.lists(st.sampled_from([90002, 900023, 1])) | JSON,
    },
)


@given(st.integers(100, 428), (DOCUMENTS | JSON).map(json.dumps).map(str.encode) | st.binary())
@example(200, json.dumps(document(HOME)).encode())
@example(404, b'{"error": "invalid_tenant"}')
def test_whatever_is_said_it_is_the_tenant_that_both_addresses_name_or_none_or_nonsense(status, body):
    try:
        tenant = Discovery(HOME, within=1).read(Answer(status, body))
    except Unreachable:
        return
    said = json.loads(body)
    if tenant is None:
        assert status in {400, 404}
        assert said.get("error") == "invalid_tenant" or {90002, 900023} & set(said["error_codes"])
    else:
        right = document(HOME, tenant)
        assert (status, said["issuer"], said["token_endpoint"]) == (
            200,
            right["issuer"],
            right["token_endpoint"],
        )
        assert tenant in {TENANT, OTHER_TENANT}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(authority, status):
    with serving() as elsewhere:
        elsewhere.says[DOMAIN] = tenant()
        path = f"/{DOMAIN}/v2.0/.well-known/openid-configuration"
        authority.says[DOMAIN] = failing(status, "", f"Location: {elsewhere.url}{path}")
        with pytest.raises(Unreachable):
            ask(authority)
    assert (authority.asked, elsewhere.asked) == ([DOMAIN], [])


@pytest.mark.parametrize(
    "saying",
    [
        says.close,
        says.cut_short,
        raw("SSH-2.0-OpenSSH_9.2\r\n"),
        raw("HTTP/1.1 two hundred\r\n\r\n"),
        raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw("HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200 + "\r\n"),
        raw("HTTP/1.1 200 OK\r\nX: " + "y" * 100_000 + "\r\n\r\n"),
        raw("\0" * 100_000),
    ],
)
def test_what_is_no_http_or_breaks_off_is_no_answer(authority, saying):
    authority.says[DOMAIN] = saying
    with pytest.raises(Unreachable):
        ask(authority)


@pytest.mark.parametrize("saying", [says.hang, says.dribble, says.dribble_body])
def test_no_answer_takes_longer_than_its_time(authority, saying):
    authority.says[DOMAIN] = saying
    with pytest.raises(Silent):
        ask(authority, within=0.4)
    assert not waiting()


def test_a_name_that_takes_long_to_look_up_is_given_up_and_nobody_is_asked_afterwards(authority, monkeypatch):
    found = threading.Event()
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *about, **more: found.wait() and look_up(*about, **more)
    )
    with pytest.raises(Silent):
        ask(authority, within=0.4)
    found.set()
    assert not waiting()
    assert authority.asked == []


def test_nobody_at_home_is_silence():
    with serving() as gone:
        pass
    with pytest.raises(Silent):
        ask(gone)


def test_no_proxy_of_the_environment_learns_of_it(authority, monkeypatch):
    authority.says[DOMAIN] = tenant()
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(authority) == TENANT
    assert proxy.asked == []


def test_what_is_no_domain_becomes_no_path(authority):
    for text in (
        "common",
        "contoso.com/..",
        "../x.com",
        "contoso.com?x",
        "a b.com",
        "münchen.de",
        "",
        "CONTOSO.COM",
    ):
        with pytest.raises(ValueError, match="Not a normalized domain"):
            ask(authority, text)
    assert authority.asked == []


@pytest.mark.parametrize(
    ("trusted", "name", "right"),
    [(True, "localhost", True), (False, "localhost", False), (True, "login.example", False)],
)
def test_over_https_the_authority_must_prove_who_it_is(monkeypatch, tmp_path, trusted, name, right):
    ca, other = trustme.CA(), trustme.CA()
    (ca if trusted else other).cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    with serving(certificate=context, host="localhost") as authority:
        authority.says[DOMAIN] = tenant()
        if right:
            assert ask(authority) == TENANT
            return
        with pytest.raises(Silent):
            ask(authority)
    assert authority.asked == []


def test_logs_tell_of_the_authority_and_of_no_customer(authority, caplog):
    for saying in (failing(503), failing(200, "<html>"), says.close):
        authority.says[DOMAIN] = saying
        with caplog.at_level(logging.DEBUG, "claims.directory"), pytest.raises(Unreachable):
            ask(authority)
    lines = [record.getMessage() for record in caplog.records if record.name == "claims.directory.openid"]
    assert len(lines) == 3
    assert all(authority.url in line and DOMAIN not in line for line in lines)


def waiting() -> list[threading.Thread]:
    """Threads that still wait for an authority, after each had time to notice that nobody waits for it."""
    threads = [thread for thread in threading.enumerate() if thread.name == "directory"]
    for thread in threads:
        thread.join(5)
    return [thread for thread in threads if thread.is_alive()]
