"""Listening for secrets: on every page, fragment and file that a person is shown, in letters, rows and logs (A10)."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from zipfile import ZipFile

from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.urls import resolve

from mail.delivery import render
from mail.models import Message

from .confidential import Planted, told_in
from .knocking import content, knock
from .law import TABLE
from .readers import CELLS, Reading
from .routes import Route, routes
from .scene import STAFF
from .test_who_gets_in import MAILBOX

# The doors that show a claim, and the claims that everybody is shown there or refused; at the rest, one that fits.
SHOWING = {"claims:detail", "claims:history", "admin:claims_claim_change"}
SHOWING_FILES = {"claims:document", "admin:claims_claim_document"}
OURS = {"reviewed", "lost", "declined", "refused", "early"}
LOOKED_AT = {
    "user": OURS | {"rival's"},
    "admin": {"reviewed", "declined", "rival's"},
    "stranger": {"reviewed", "rival's", "rival's lost"},
    "strange_admin": {"reviewed", "rival's"},
}
AT_THE_DESK = {role: {"reviewed", "declined", "refused", "early", "rival's"} for role in STAFF}
FITTING = {
    "claims:contacts": "early",
    "claims:cancellation": "early",
    "surveys:answer": "early",
    "consent:sent": "lost",
    "consent:request": "lost",
}
# Of the engagement that the rivals share.
OF_THE_ENGAGEMENT = {"engagements:customers", "engagements:summary", "engagements:eligibility"}
ASKED_FOR_ALL = {"admin:claims_claim_changelist": "status=all"}
# The programme owner reads least and opens every page of the catalogue: what stands there for others stands there too.
CATALOGUE = {"catalogue", "record", "edit", "publish", "material"}
LEFT_TO_THE_OWNER = {"lead", "support", "auditor"}


def addresses(planted: Planted, who: str, only: str = "") -> Iterator[tuple[str, str, str]]:
    """What this person is let in to see, and what shows a claim whether or not they are let in.

    Whoever is turned away elsewhere gets a page that says nothing, as test_who_gets_in and test_nothing_there know.
    """
    for route in routes():
        door = TABLE[route.name]
        lets_in = 200 in door.answers_to(who, "GET")
        if only not in {"", route.name} or route.name in MAILBOX:
            continue
        if who in LEFT_TO_THE_OWNER and door.kind in CATALOGUE:
            continue
        if route.name in SHOWING | SHOWING_FILES or (lets_in and "claim" in route.parameters):
            yield from ((route.name, path, "") for path in of_claims(planted, who, route))
        elif route.name in OF_THE_ENGAGEMENT and who in LOOKED_AT:
            yield route.name, route.path({"engagement": planted.engagement.code}), "tab=complete"
        elif lets_in:
            yield route.name, planted.scene.path(route), ASKED_FOR_ALL.get(route.name, "")


def of_claims(planted: Planted, who: str, route: Route) -> Iterator[str]:
    names = {FITTING.get(route.name, "reviewed")}
    if route.name in SHOWING_FILES:
        names = {"reviewed", "rival's"}
    elif route.name in SHOWING:
        by_person = AT_THE_DESK if route.name.startswith("admin:") else LOOKED_AT
        names = by_person.get(who, names)
    return (planted.path(route, name) for name in sorted(names & set(planted.claims)))


def told(answer: HttpResponse) -> set[str]:
    """Which secrets an answer tells: its headers, its cookies, its body."""
    return told_in(f"{answer.headers}{answer.cookies}{readable(content(answer))}")


def readable(body: bytes) -> str:
    """The text of a body; of a workbook or another packed file, that of its parts."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with ZipFile(BytesIO(body)) as packed:
        return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def heard(planted: Planted, who: str, only: str = "") -> Iterator[Reading]:
    """What this person reads at each place, asked for as a page and, where it differs, as a fragment."""
    browser = planted.scene.browser(who)
    for name, path, query in addresses(planted, who, only):
        answers = [knock(browser, "GET", path, query=query)]
        if "HX-Request" in answers[0].get("Vary", ""):
            answers.append(knock(browser, "GET", path, query=query, headers={"HX-Request": "true"}))
        for answer in answers:
            assert answer.status_code < 500, path
            yield who, name, told(answer)


def heard_by_visitors(planted: Planted) -> Iterator[Reading]:
    """What stood in the answers to everything that was typed, and stands behind the links once they were used."""
    later = [(who, path, visitor.get(path)) for who, visitor, path in planted.visits]
    for who, path, answer in planted.answers + later:
        if who in CELLS:
            yield who, resolve(path).view_name, told(answer)


def in_letters(planted: Planted) -> Iterator[Reading]:
    """What the letters tell, each to whoever has the address; one that nobody here has is nobody's."""
    readers = {person.email: who for who, person in planted.scene.people.items() if person}
    for name, who in (("reviewed", "customer"), ("rival's", "their_customer")):
        readers[planted.claims[name].customer_contact_email] = who
    for message in Message.objects.select_related("link"):
        letter = render(message)
        text = f"{letter.subject}{letter.text}{letter.html}{message.context}"
        yield readers.get(message.to, "nobody"), f"letter:{message.kind}", told_in(text)


def kept() -> dict[str, set[str]]:
    """In which tables each secret stands."""
    places = defaultdict(set)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg("row"::text, \' \') FROM "{table}" "row"')  # noqa: S608
            for secret in told_in(cursor.fetchone()[0] or ""):
                places[secret].add(table)
    for session in Session.objects.all():
        for secret in told_in(str(session.get_decoded())):
            places[secret].add("an open session")
    return places


class Ear(logging.Handler):
    """Keeps what each log line says, with the errors that it reports."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(record.getMessage())
        while error:
            self.lines.append(repr(error))
            error = error.__cause__ or error.__context__


@contextmanager
def overheard(lines: list[str]) -> Iterator[None]:
    """Everything that is logged meanwhile, down to DEBUG."""
    loggers, ear = [logging.getLogger(name) for name in ("", "django")], Ear(lines)
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(ear)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield
    loggers[0].removeHandler(ear)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
