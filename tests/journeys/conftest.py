"""The portal that journeys walk through: web, worker and beat on Redis and PostgreSQL, with a real mail server."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext

from dev import portal, processes
from dev.environment import Site
from dev.redis import free_port

from .post import PostOffice
from .visitors import Visitor

HERE = Path(__file__).parent


# Each process of the test run has a portal of its own: database, queue, port and mail server.
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def post() -> Iterator[PostOffice]:
    office = PostOffice()
    office.controller.start()
    yield office
    office.controller.stop()


@pytest.fixture(scope="session")
def site(post: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The portal that most journeys share, seeded with the demo."""
    with demo_portal(
        post, tmp_path_factory.mktemp("journeys"), f"portal_journeys_{PROCESS}", PROCESS
    ) as site:
        yield site


@contextmanager
def demo_portal(post: PostOffice, folder: Path, database: str, queue: int) -> Iterator[Site]:
    """A portal of its own with the demo in it: an empty database of that name, a Redis database of that number."""
    port = free_port()
    env = dict(os.environ) | {
        "DATABASE_URL": emptied(os.environ["DATABASE_URL"], database),
        "REDIS_URL": urlunsplit(urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{queue}")),
        "EMAIL_URL": post.url,
        "DATA_DIR": str(folder),
        "PORTAL_URL": f"http://localhost:{port}",
        "DEMO": "1",
        "PORT": str(port),
        "DATABASE_POOL": "8",
    }
    site = Site(folder, port, env)
    portal.prepare(site, own_database=False)
    children = portal.started(site)
    try:
        portal.await_ready(site, children)
        yield site
    finally:
        for child in children.values():
            processes.stop(child, patience=15)


def emptied(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    calm = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {"executable_path": os.environ["CHROMIUM"], "args": [*calm, "--disable-sync", "--no-first-run"]}


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.address


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext]) -> Callable[..., Visitor]:
    """Somebody new at the door, each with a browser context of their own."""
    return lambda **options: Visitor(new_context(**options))


@pytest.fixture(scope="module")
def newcomer(browser: Browser, browser_context_args: dict) -> Iterator[Callable[..., Visitor]]:
    """Somebody new at the door, for a walk that several tests ask about."""
    contexts = []

    def come(**options: object) -> Visitor:
        contexts.append(browser.new_context(**browser_context_args | options))
        return Visitor(contexts[-1])

    yield come
    for context in contexts:
        context.close()
