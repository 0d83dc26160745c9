"""sqlmap asks every parameter and field of the running portal whether it becomes SQL: none does (I04)."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from itertools import count
from threading import Event, Thread

import pytest
from django.test import Client
from redis import Redis

from dev.environment import Site
from tests.factories import LocationFactory, UserFactory, give_role

from . import sqlmap
from .calling import Caller, Question, questions
from .conftest import PROCESS, demo_portal
from .post import PostOffice

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("sqlmap")]

# Who asks what: each page and form is asked once, by the first who comes to it.
ASKED = {
    "anybody": """
        form:incentives:sign_in form:incentives:forgotten form:door:consent_answer form:door:invitation_answer
        door:consent_answer door:consent_process""",
    "user@fridayinc.example": """
        claims:export claims:list claims:sheet_template engagements:customers engagements:eligibility
        engagements:list incentives:overview form:claims:add form:claims:add_sheet form:claims:add_step
        form:claims:columns form:claims:comments form:claims:contacts form:claims:save_view form:claims:view
        form:consent:request form:incentives:reminders""",
    "admin@fridayinc.example": """
        engagements:attention incentives:audit incentives:users form:incentives:invite form:incentives:payee""",
    "owner@microsoft.example": """
        admin:engagements_activitytype_changelist admin:engagements_attainment_changelist
        admin:engagements_cannedcomment_add admin:engagements_cannedcomment_changelist
        admin:engagements_designation_changelist admin:engagements_engagement_changelist
        admin:engagements_engagement_customers admin:engagements_evaluation_changelist
        admin:engagements_marketlist_changelist admin:engagements_material_changelist
        admin:engagements_privatelistentry_add admin:engagements_privatelistentry_changelist
        admin:engagements_ratecard_add admin:engagements_ratecard_changelist
        admin:engagements_solutionarea_changelist admin:incentives_enrolment_changelist
        admin:incentives_payeeprofile_changelist admin:incentives_programmeterms_changelist
        admin:mail_message_changelist""",
    "lead@microsoft.example": """
        admin:claims_claim_change admin:claims_claim_changelist
        form:admin:claims_claim_comments form:admin:claims_claim_decision""",
    "auditor@microsoft.example": "admin:incentives_auditentry_changelist",
}
CASES = [(who, name) for who, names in ASKED.items() for name in names.split()]
LEFT_OUT = {
    "admin:*_change": "Django keeps the list's own address there, for the way back",
    "form:admin:engagements_*": "hundreds of fields for the programme owner alone; tests/doors fills them with SQL",
    "form:admin:incentives_*": "for the programme owner alone; tests/doors fills them with SQL",
    "form:admin:mail_message_stop": "would stop the mail; tests/doors fills it with SQL",
    "form:incentives:assign": "would take away the roles of those who ask",
    "form:incentives:unassign": "would take away the roles of those who ask",
}
# Calls at once: sqlmap waits for the portal as long as the portal for it.
AT_ONCE = (os.cpu_count() or 1) + 1
ENGAGEMENT = "MWS-07"
LETTER = re.compile(r"/demo/mailbox/\d+/")
ONE_TIME_LINK = re.compile(r"/(?:consent|invitation)/[0-9a-f]{32}/")

Found = dict[str, tuple[Caller, dict[str, list[Question]]]]
Verdicts = list[tuple[Question, sqlmap.Verdict]]


@pytest.fixture(scope="module")
def portal(post: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of its own: thousands of forms are sent to it."""
    folder = tmp_path_factory.mktemp("asked")
    with demo_portal(post, folder, f"asked_{PROCESS}", PROCESS + 12) as site, unthrottled(site):
        yield site


@contextmanager
def unthrottled(site: Site) -> Iterator[None]:
    """Nobody's tries are counted for longer than an instant: a throttle that refuses would hide what lies behind it."""
    done, counts = Event(), Redis.from_url(site.env["REDIS_URL"])

    def forget() -> None:
        while not done.wait(0.1):
            if keys := list(counts.scan_iter("*throttle:*")):
                counts.delete(*keys)

    thread = Thread(target=forget)
    thread.start()
    yield
    done.set()
    thread.join()
    counts.close()


@pytest.fixture(scope="module")
def found(portal: Site) -> Found:
    """What each person's pages say can be asked there."""
    everything: Found = {}
    for who in ASKED:
        caller = Caller(portal.address)
        starts = [caller.sign_in(who).path] if "@" in who else opened(caller)
        if who.startswith("user@"):
            starts += begun(caller)
        asked = questions(caller, starts)
        everything[who] = caller, asked if "@" in who else undecided(asked)
    return everything


def opened(caller: Caller) -> list[str]:
    """The pages of somebody without an account, and those behind the links that were sent to them."""
    letters = [it for page in "12" for it in LETTER.findall(caller.get(f"/demo/mailbox/?page={page}").text)]
    sent = [link for it in dict.fromkeys(letters) for link in ONE_TIME_LINK.findall(caller.get(it).text)]
    behind = [caller.get(link) for link in dict.fromkeys(sent)]
    return ["/sign-in/", "/password-reset/", *(page.path for page in behind if page.status == 200)]


def undecided(asked: dict[str, list[Question]]) -> dict[str, list[Question]]:
    """Without the answer itself, so that no form is accepted and its link stays open for the next."""
    return {
        name: [replace(it, data=tuple((n, "" if n == "answer" else v) for n, v in it.data)) for it in some]
        for name, some in asked.items()
    }


def begun(caller: Caller) -> list[str]:
    """The steps of a wizard, each filled in, and a view that was saved."""
    caller.post("/claims/views/new/", {"name": "A view"})
    page, steps = caller.post("/claims/add/", {"engagement": ENGAGEMENT}), []
    while form := next((it for it in page.forms() if it.action == page.path), None):
        steps.append(page.path)
        page = caller.post(form.action, {"name": "A claim"} | form.fields)
    return steps


@pytest.fixture(scope="module")
def verdicts(
    found: Found, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Verdicts]]:
    """What sqlmap says of a page or form; all that the chosen tests want is asked from the start, some at once."""
    folder, number = tmp_path_factory.mktemp("sqlmap"), count()
    calls = [
        getattr(item, "callspec", None) for item in request.session.items if item.module is request.module
    ]
    wanted = [(call.params["who"], call.params["name"]) for call in calls if call and "name" in call.params]
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def asked(who: str, name: str) -> list[tuple[Question, Future[sqlmap.Verdict]]]:
            caller, questions = found[who]
            call = partial(pool.submit, sqlmap.ask, caller)
            return [(it, call(it, folder / str(next(number)))) for it in questions.get(name, [])]

        under_way = {case: asked(*case) for case in wanted}
        yield lambda who, name: [(it, answer.result()) for it, answer in under_way[who, name]]
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("who", "name"), CASES, ids=[name for _who, name in CASES])
def test_no_parameter_becomes_sql(who, name, verdicts):
    heard = verdicts(who, name)

    assert heard, f"{who} found no {name}"
    wrong = {verdict.said: trouble for it, verdict in heard if (trouble := sqlmap.trouble(it, verdict))}
    assert wrong == {}


def test_everything_that_can_be_asked_is_asked_or_left_out_for_a_reason(found):
    there = {name for _caller, asked in found.values() for name in asked}
    unasked = there - {name for _who, name in CASES}

    assert {name for name in unasked if not any(fnmatch(name, it) for it in LEFT_OUT)} == set()
    assert {it for it in LEFT_OUT if not any(fnmatch(name, it) for name in unasked)} == set()


@pytest.mark.urls("tests.doors.careless_urls")
def test_control_a_page_that_makes_sql_of_what_it_was_asked_is_found(live_server, tmp_path):
    location, browser = LocationFactory(), Client()
    browser.force_login(give_role(UserFactory(partner=location.partner), location))
    question = Question("spliced", "/spliced/", frozenset(["words"]), query=(("words", "a"),))

    cookies = browser.cookies.output(attrs=[], header="", sep=";").strip()

    verdict = sqlmap.ask(Caller(live_server.url), question, tmp_path / "sqlmap", cookies=cookies)

    assert sqlmap.trouble(question, verdict) == ["/spliced/ words: becomes SQL"]
