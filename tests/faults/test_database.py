"""PostgreSQL gone, silent or cut off: a plain page meanwhile, everything back by itself afterwards (F08, F09)."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

import pytest

from dev import processes
from dev.environment import Site
from dev.postgres import LASTING, Cluster
from dev.postgres_home import throw_away_home
from dev.redis import LOOPBACK
from dev.throw_away import folder
from tests.databases import migrate
from tests.journeys.another_web import Web, another_web
from tests.journeys.calling import Caller, Page

from .conftest import Line
from .services import Passage, passage, until

SESSION = "a" * 32
MAILS, CHILDREN = 40, 2
PAGES = ("/sign-in/", "/claims/", "/consent/answer/1/")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that may be ended at any instant."""
    with folder() as place:
        made = Cluster(throw_away_home(place), place / "postgres.log", LASTING)
        made.start()
        migrate(made.url)
        yield made
        made.stop()


@pytest.fixture
def own(line: Line, cluster: Cluster) -> Line:
    """The same way of mails, on this PostgreSQL."""
    line.env["DATABASE_URL"] = cluster.url
    line.sql("TRUNCATE mail_message, mail_outage, mail_pace")
    return line


def web_of(line: Line, **settings: str) -> Web:
    return another_web(Site(line.folder / "data", 0, line.env), line.folder / "web.log", **settings)


def ask(web: Web, path: str) -> Page:
    """By somebody whose browser has been here before, so that no page is shown without looking for their session."""
    return Caller(f"http://localhost:{web.port}").get(path, Cookie=f"session={SESSION}")


def well(web: Web) -> bool:
    return [ask(web, path).status for path in PAGES] == [200, 200, 404]


def restarted(own: Line, cluster: Cluster) -> set[int]:
    """Pages are asked for and mails leave while PostgreSQL is shut down without a word, and comes back."""
    own.sink.seconds_per_mail = 0.3
    own.worker(children=CHILDREN)
    own.write(MAILS)
    with web_of(own) as web:
        until(lambda: own.number("sent") > 5)
        assert well(web)
        own.sink.reading.clear()
        until(own.sink.reading.is_set)
        processes.stop(cluster.process, sign=signal.SIGQUIT)
        answers = {ask(web, "/sign-in/").status, ask(web, "/consent/answer/1/").status}
        cluster.start()

        until(lambda: well(web), patience=10)
    until(lambda: own.redis.is_idle)
    own.let_time_pass(4)
    own.ask("mail.tasks.deliver_due")
    return answers


def test_a_database_restarted_at_once_is_back_by_itself(own, cluster):
    """F08."""
    assert restarted(own, cluster) == {503}

    own.until_sent(MAILS)
    assert own.lost == set()
    assert own.repeated <= CHILDREN


def test_control_where_no_sweep_looks_at_leases_what_was_in_hand_stays_there(own, cluster):
    own.without("the look at leases")

    restarted(own, cluster)

    until(lambda: own.number("queued") == 0)
    until(lambda: own.redis.is_idle)
    assert 0 < own.number("sending") <= CHILDREN


def test_control_without_the_plain_page_everybody_is_shown_a_mistake(own, cluster):
    own.without("the plain page")

    assert restarted(own, cluster) == {500}


@pytest.fixture
def way(own: Line, cluster: Cluster) -> Iterator[Passage]:
    path = unquote(urlsplit(cluster.url).netloc.partition("@")[2])

    def postgres() -> socket.socket:
        end = socket.socket(socket.AF_UNIX)
        end.connect(f"{path}/.s.PGSQL.5432")
        return end

    with passage(postgres) as made:
        own.env["DATABASE_URL"] = f"postgresql://portal@{LOOPBACK}:{made.port}/portal"
        yield made


def test_a_silent_database_gives_a_plain_page_soon_and_is_forgotten_when_it_speaks(own, way):
    """F09: connections stay open and nothing comes through them."""
    with web_of(own) as web:
        until(lambda: well(web))
        way.silent.set()
        for _ in range(4):
            begun = time.monotonic()
            page = ask(web, "/readyz")
            assert page.status == 503
            assert time.monotonic() - begun < 10
        assert ask(web, "/consent/answer/1/").status == 503
        way.silent.clear()

        until(lambda: well(web), patience=10)


def test_control_without_patience_of_its_own_a_page_waits_for_the_silent_database(own, way):
    with web_of(own, DATABASE_PATIENCE="0") as web, ThreadPoolExecutor() as people:
        until(lambda: well(web))
        way.silent.set()
        answer = people.submit(ask, web, "/readyz")
        with pytest.raises(TimeoutError):
            answer.result(12)
        way.silent.clear()
        assert answer.result(20).status == 200


def cut_while_nobody_asks(web: Web, way: Passage) -> set[int]:
    """What pages answer right after every connection was cut, three times."""
    answers = set()
    until(lambda: well(web))
    for _ in range(3):
        way.cut()
        answers |= {ask(web, path).status for path in PAGES}
        until(lambda: well(web), patience=5)
    return answers


def test_a_connection_that_was_cut_while_nobody_used_it_costs_no_request(own, way):
    with web_of(own) as web:
        assert cut_while_nobody_asks(web, way) == {200, 404}


def test_control_without_a_look_at_it_the_next_request_is_lost(own, way):
    own.without("the look at a connection")

    with web_of(own) as web:
        assert 503 in cut_while_nobody_asks(web, way)


def test_cut_connections_cost_at_most_the_requests_on_them(own, way):
    people, lost = 4, 0
    with web_of(own) as web, ThreadPoolExecutor(people) as crowd:
        until(lambda: well(web))
        for _ in range(3):
            asked = [crowd.submit(ask, web, PAGES[n % len(PAGES)]) for n in range(100)]
            until(lambda asked=asked: sum(each.done() for each in asked) > 20)
            connections = len(way.pairs)
            way.cut()
            refused = [code for code in (each.result().status for each in asked) if code not in (200, 404)]
            assert set(refused) <= {503}
            assert len(refused) <= connections
            lost += len(refused)
            assert well(web)
    print(f"{lost} of 300 requests were lost in three cuts.")
