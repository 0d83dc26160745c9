"""Somebody who calls on the running portal without a browser, and what its pages say can be asked."""

from collections import deque
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404

from incentives.management.demo import PASSWORD
from tests.doors.walking import links

from .crawling import ADDRESSES, DOWNLOADS

TOKEN = "csrfmiddlewaretoken"
NOT_READ = {"file", "submit", "button", "reset", "image"}
# What is typed where a page shows an empty field, so that the form is read beyond its first check.
TYPED = {
    "checkbox": "on",
    "date": "2026-01-31",
    "email": "susie.jones@contoso.com",
    "hidden": "",
    "id_value": "contoso.com",
    "number": "1",
    "url": "https://contoso.com",
}
WORD = "a"
# What the first sent form would make old: without it a form is read however often it comes.
REVISION = "revision"
# What is read only where another field says so.
ALONG = dict.fromkeys(("since", "until"), (("range", "custom"),))
# Parts of an address that tell pages of one pattern apart.
STEPS = ("step", "side", "audience")


@dataclass
class Form:
    address: str = ""
    method: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    # Where its buttons send it instead.
    elsewhere: list[str] = field(default_factory=list)
    # Sent along and not asked: a password is hashed before anything else is done with it.
    passwords: set[str] = field(default_factory=set)

    @property
    def action(self) -> str:
        return urlsplit(self.address).path

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(self.fields) - self.passwords - {TOKEN}


class Forms(HTMLParser):
    """Reads a page's forms, each with a value in every field; a field may stand outside its form and name it."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: dict[str, Form] = {}
        self.form, self.open_field = Form(), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = self.named(given.get("id") or f"form {len(self.forms)}")
            self.form.address = urljoin(self.path, given.get("action", ""))
            self.form.method = given.get("method", "get").upper()
        elif "formaction" in given:
            self.form.elsewhere.append(urljoin(self.path, given["formaction"]))
        elif tag == "option" and self.open_field:
            if not self.form.fields[self.open_field] or "selected" in given:
                self.form.fields[self.open_field] = given.get("value", "")
        elif tag in {"input", "select", "textarea"} and given.get("name"):
            self.take(tag, given["name"], given)

    def take(self, tag: str, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        if kind in NOT_READ:
            return
        form = self.named(given["form"]) if "form" in given else self.form
        fields = form.fields
        if kind == "password":
            form.passwords.add(name)
        if kind in {"select", "textarea"}:
            fields.setdefault(name, "")
            self.open_field = "" if "form" in given else name
        elif kind not in {"radio", "checkbox"} or name not in fields or "checked" in given:
            shown = "" if name == REVISION else given.get("value")
            fields[name] = shown or TYPED.get(name, TYPED.get(kind, WORD))

    def handle_data(self, data: str) -> None:
        if self.open_field and self.lasttag == "textarea":
            self.form.fields[self.open_field] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.open_field:
            self.form.fields[self.open_field] = self.form.fields[self.open_field] or WORD
        if tag in {"select", "textarea"}:
            self.open_field = ""
        elif tag == "form":
            self.form = Form()

    def named(self, name: str) -> Form:
        return self.forms.setdefault(name, Form())


@dataclass(frozen=True)
class Page:
    address: str
    status: int
    headers: Message
    body: bytes

    @property
    def is_html(self) -> bool:
        return self.headers.get_content_type() == "text/html"

    @cached_property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    def forms(self) -> list[Form]:
        """Those in which there is something besides a button."""
        reader = Forms(self.path)
        reader.feed(self.text)
        return [form for form in reader.forms.values() if form.method and form.asked]


class Caller:
    """Keeps cookies as a browser does, and calls nobody but the portal."""

    def __init__(self, portal: str, jar: CookieJar | None = None) -> None:
        self.portal = portal
        self.jar = CookieJar() if jar is None else jar
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar))

    def get(self, address: str, method: str = "GET", **headers: str) -> Page:
        return self._ask(Request(urljoin(self.portal, address), headers=headers, method=method))  # noqa: S310

    def post(self, path: str, fields: dict[str, str]) -> Page:
        body = urlencode({TOKEN: self.token} | fields).encode()
        return self._ask(Request(urljoin(self.portal, path), body))  # noqa: S310

    def upload(self, path: str, fields: dict[str, Any]) -> Page:
        """A form in which there are files."""
        body = encode_multipart(BOUNDARY, {TOKEN: self.token} | fields)
        headers = {"Content-Type": MULTIPART_CONTENT}
        return self._ask(Request(urljoin(self.portal, path), body, headers))  # noqa: S310

    def _ask(self, request: Request) -> Page:
        try:
            answer = self.opener.open(request, timeout=30)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            return Page(answer.url, answer.status or 0, answer.headers, answer.read())

    def sign_in(self, email: str) -> Page:
        self.get("/sign-in/")
        return self.post("/sign-in/", {"email": email, "password": PASSWORD})

    @property
    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    @property
    def token(self) -> str:
        return next((cookie.value or "" for cookie in self.jar if "csrf" in cookie.name), "")


@dataclass(frozen=True)
class Question:
    """What somebody can ask at one address: these parameters of its query, or these fields of its form.

    It is called after the page, a form `form:` and the page that it is sent to.
    """

    name: str
    path: str
    names: frozenset[str]
    query: tuple[tuple[str, str], ...] = ()
    data: tuple[tuple[str, str], ...] = ()


def questions(caller: Caller, starts: list[str]) -> dict[str, list[Question]]:
    """All that the pages within reach by links say can be asked, by the name of the page that is asked."""
    shortest: dict[tuple[str, ...], Question] = {}
    for page in pages(caller, starts):
        for it in asked_by_links(page) + asked_by_forms(page):
            kind = (it.name, *step_of(it.path), *sorted(it.names))
            if kind not in shortest or len(it.query) < len(shortest[kind].query):
                shortest[kind] = it
    by_name: dict[str, list[Question]] = {}
    for it in shortest.values():
        by_name.setdefault(it.name, []).append(it)
    return by_name


def pages(caller: Caller, starts: list[str]) -> list[Page]:
    """One page of each kind, and of what can be asked of it."""
    queue, seen, found = deque(starts), set(), []
    while queue:
        address = queue.popleft()
        parts = urlsplit(address)
        kind = (name_of(parts.path), *step_of(parts.path), *sorted({n for n, _ in parse_qsl(parts.query)}))
        if kind in seen or kind[0] in DOWNLOADS | {""}:
            continue
        seen.add(kind)
        page = caller.get(address)
        if page.status == 200 and page.is_html:
            found.append(page)
            queue.extend(links(page.path, page.text))
    return found


def asked_by_links(page: Page) -> list[Question]:
    found, sent = [], {form.address for form in page.forms() if form.method == "POST"}
    for link in links(page.path, page.text):
        if link in sent:
            continue
        parts = urlsplit(link)
        query = tuple(parse_qsl(parts.query))
        found += [
            Question(name_of(parts.path), parts.path, frozenset([name]), query=query) for name, _ in query
        ]
    return found


def asked_by_forms(page: Page) -> list[Question]:
    """A form that only looks is asked field by field, so that no other field narrows what is found."""
    found = []
    for form in page.forms():
        fields = {name: value for name, value in form.fields.items() if name != TOKEN}
        if form.method == "POST":
            found += [sent_to(address, form, fields) for address in form.elsewhere or [form.address]]
        else:
            path = form.action
            found += [
                Question(name_of(path), path, frozenset([it]), query=((it, value), *ALONG.get(it, ())))
                for it, value in fields.items()
            ]
    return found


def sent_to(address: str, form: Form, fields: dict[str, str]) -> Question:
    parts = urlsplit(address)
    query = tuple(parse_qsl(parts.query))
    names = form.asked | {name for name, _value in query}
    return Question(f"form:{name_of(parts.path)}", parts.path, names, query=query, data=tuple(fields.items()))


def name_of(path: str) -> str:
    try:
        return ADDRESSES.resolve(unquote(path)).view_name
    except Resolver404:
        return ""


def step_of(path: str) -> tuple[str, ...]:
    try:
        given = ADDRESSES.resolve(unquote(path)).kwargs
    except Resolver404:
        return ()
    return tuple(str(given[name]) for name in STEPS if name in given)
