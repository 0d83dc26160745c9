"""The database a command works on: DATABASE_URL, else the portal's own cluster."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dev.environment import Site
from dev.locks import Busy, lock
from dev.postgres import Cluster
from dev.postgres_home import home
from dev.terminal import say, step


def is_ours(site: Site) -> bool:
    return "DATABASE_URL" not in site.env


def cluster_of(site: Site) -> Cluster:
    return Cluster(home(site.data), site.log("postgres"))


@contextmanager
def served(site: Site) -> Iterator[Cluster]:
    """For the portal: starts the cluster, waiting for a management command that still uses it on its own."""
    cluster = cluster_of(site)
    keeper = site.data / "postgres.lock"
    try:
        with lock(keeper, wait=False):
            pass
    except Busy:
        say("A management command is using the database; the portal starts when it has finished.")
    with lock(keeper):
        try:
            with step("Database"):
                cluster.start()
            if not cluster.home.folder.is_relative_to(site.data):
                say(f"Its data is kept in {cluster.home.folder}.")
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def borrowed(site: Site) -> Iterator[Cluster]:
    """For a management command: joins the running cluster, else runs it until the last one ends."""
    cluster = cluster_of(site)
    users = site.data / "postgres.users"
    while True:
        try:
            with lock(site.data / "postgres.lock", wait=False):
                try:
                    cluster.start()
                    yield cluster
                    with lock(users):
                        cluster.stop()
                finally:
                    cluster.stop()
                return
        except Busy:
            pass
        with lock(users, shared=True):
            if cluster.running() and cluster.ready():
                yield cluster
                return
        time.sleep(0.1)
