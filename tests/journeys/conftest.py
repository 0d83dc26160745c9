"""The portal that journeys walk through: web, worker and beat on Redis and PostgreSQL, with a real mail server."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import Browser, BrowserContext

from dev import portal, processes
from dev.environment import Site
from dev.locks import lock
from dev.redis import free_port
from tests.databases import address_of, copy_of, copy_of_the_tables

from .calling import Caller
from .post import PostOffice
from .visitors import Visitor

HERE = Path(__file__).parent


# Each process of the test run has a portal of its own: database, queue, port and mail server.
MODEL = "model_of_the_demo"
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


# Half of the time that journeys take; the other half is what is not named. Two processes walk them, each with one
# portal, and what a module leaves behind is found by its own tests.
ONE_HALF = {"test_every_page", "test_adding_customers", "test_declined", "test_link_pages"}
OF_THEIR_OWN = {"test_expiry", "test_sqlmap"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)
            if (walk := item.path.stem) not in OF_THEIR_OWN:
                half = "one half" if walk in ONE_HALF else "the other half"
                item.add_marker(pytest.mark.xdist_group(f"{half} of the journeys"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Whoever reads why a journey failed reads what its portal wrote as well."""
    report = yield
    if report.failed and "site" in getattr(item, "funcargs", {}):
        report.sections.append(("log of the portal", said_by(item.funcargs["site"])[-8000:]))
    return report


def said_by(site: Site) -> str:
    """What web, worker and beat have written so far."""
    return site.log("portal").read_text(errors="replace")


@pytest.fixture(scope="session")
def post() -> Iterator[PostOffice]:
    office = PostOffice()
    office.controller.start()
    yield office
    office.controller.stop()


@pytest.fixture(scope="session")
def site(post: PostOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The portal that most journeys share, seeded with the demo."""
    with demo_portal(post, tmp_path_factory.mktemp("journeys"), f"journeys_{PROCESS}", PROCESS) as site:
        yield site


@contextmanager
def demo_portal(post: PostOffice, folder: Path, database: str, queue: int) -> Iterator[Site]:
    """A portal of its own: a copy of the model in a database of that name, and a Redis database of that number."""
    model = model_of_the_demo(post)
    site = site_at(post, folder, copy_of(MODEL, database), queue)
    copytree(model.data, folder, dirs_exist_ok=True)
    with site.log("portal").open("ab") as log:
        children = portal.started(site, stdout=log, stderr=log)
    try:
        portal.await_ready(site, children)
        yield site
    finally:
        for child in children.values():
            processes.stop(child, patience=15)


def model_of_the_demo(post: PostOffice) -> Site:
    """A portal that nobody serves, seeded by the first process of the test run that needs it."""
    folder = Path(os.environ["DATA_DIR"]) / "model"
    folder.mkdir(exist_ok=True)
    made = folder.with_name("model is made")
    with lock(folder.with_name("model.lock")):
        if made.exists():
            return site_at(post, folder, address_of(MODEL), 0)
        model = site_at(post, folder, copy_of_the_tables(MODEL), 0)
        portal.prepare(model, own_database=False)
        made.touch()
        return model


def site_at(post: PostOffice, folder: Path, database: str, queue: int) -> Site:
    port = free_port()
    env = dict(os.environ) | {
        "DATABASE_URL": database,
        "REDIS_URL": urlunsplit(urlsplit(os.environ["TEST_REDIS_URL"])._replace(path=f"/{queue}")),
        "EMAIL_URL": post.url,
        "DATA_DIR": str(folder),
        "PORTAL_URL": f"http://localhost:{port}",
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "tests.journeys.light_passwords",
        "PORT": str(port),
        "DATABASE_POOL": "8",
    }
    return Site(folder, port, env)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    calm = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {"executable_path": os.environ["CHROMIUM"], "args": [*calm, "--disable-sync", "--no-first-run"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """Nobody on a journey waits for a panel to glide in."""
    return browser_context_args | {"reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.address


@pytest.fixture
def visitor(new_context: Callable[..., BrowserContext]) -> Callable[..., Visitor]:
    """Somebody new at the door, each with a browser context of their own."""
    return lambda **options: Visitor(new_context(**options))


@pytest.fixture(scope="session")
def signed_in(site: Site) -> Callable[[str], Caller]:
    """Somebody who calls on the portal without a browser."""

    def sign_in(email: str) -> Caller:
        caller = Caller(site.address)
        caller.sign_in(email)
        return caller

    return sign_in


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
