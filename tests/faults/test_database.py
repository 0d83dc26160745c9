"""PostgreSQL gone, silent or cut off: a plain page meanwhile, everything back by itself afterwards (F08, F09)."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from dev import packages, processes
from dev.environment import Site
from dev.postgres import LASTING, Cluster
from dev.postgres_home import throw_away_home
from dev.redis import LOOPBACK
from dev.throw_away import folder
from tests.journeys.another_web import Web, another_web
from tests.journeys.calling import Caller, Page

from .conftest import Line
from .services import Passage, passage, until

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


def migrate(url: str) -> None:
    manage = [packages.PYTHON, packages.ROOT / "manage.py", "migrate", "--verbosity", "0"]
    env = os.environ | {"DATABASE_URL": url}
    assert processes.complete(manage, env=env) == 0


@pytest.fixture
def own(line: Line, cluster: Cluster) -> Line:
    """The same way of mails, on this PostgreSQL."""
    line.env["DATABASE_URL"] = cluster.url
    line.sql("TRUNCATE mail_message, mail_outage, mail_pace")
    return line


def web_of(line: Line, **settings: str) -> Web:
    return another_web(Site(line.folder / "data", 0, line.env), line.folder / "web.log", **settings)


def ask(web: Web, path: str) -> Page:
    return Caller(f"http://localhost:{web.port}").get(path)


def well(web: Web) -> bool:
    return [ask(web, path).status for path in PAGES] == [200, 200, 404]


def test_a_database_restarted_at_once_is_back_by_itself(own, cluster):
    """F08: pages are asked for and mails leave while PostgreSQL is shut down without a word, and comes back."""
    own.sink.seconds_per_mail = 0.02
    own.worker(children=2)
    own.write(80)
    with web_of(own) as web:
        until(lambda: own.number("sent") > 10)
        assert well(web)
        processes.stop(cluster.process, sign=signal.SIGQUIT)
        page = ask(web, "/sign-in/")
        asked = ask(web, "/consent/answer/1/")
        cluster.start()

        until(lambda: well(web), patience=10)

    assert {page.status, asked.status} <= {200, 404, 503}
    until(lambda: own.redis.is_idle)
    own.let_time_pass(4)
    own.ask("mail.tasks.deliver_due")
    own.until_sent(80)
    assert own.lost == set()
    assert own.repeated <= 2


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
        page = ask(web, "/consent/answer/1/")
        assert page.status in (404, 503)
        way.silent.clear()

        until(lambda: well(web), patience=10)


def test_cut_connections_cost_at_most_the_requests_on_them(own, way):
    with web_of(own) as web:
        until(lambda: well(web))
        for _ in range(3):
            way.cut()
            refused = [
                status for path in PAGES for status in [ask(web, path).status] if status not in (200, 404)
            ]
            assert len(refused) <= 4
            assert set(refused) <= {503}
            until(lambda: well(web), patience=5)
