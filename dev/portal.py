"""python3 run.py: web, worker and beat as one tree of processes, over a database brought up to date."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any

from dev import database, packages, processes
from dev.environment import ROOT, Site, our_site
from dev.locks import Busy, lock
from dev.management import package_sets
from dev.terminal import Trouble, last_words_of, say, step

PATIENCE = 90  # seconds until a portal that does not answer is given up
LOOPBACK = "127.0.0.1"

Children = dict[str, "subprocess.Popen[Any]"]


def run() -> int:
    """Returns when the portal ends: 0 if somebody asked it to, 1 if one of its processes failed."""
    site = our_site()
    with alone(site):
        require_free(site.port)
        packages.install(*package_sets(site))
        if not database.is_ours(site):
            return serve(site, {})
        with database.served(site) as cluster:
            served = Site(site.data, site.port, site.env | {"DATABASE_URL": cluster.url})
            return serve(served, {"PostgreSQL": cluster.process} if cluster.process else {})


def serve(site: Site, below: Children) -> int:
    """Prepares the database, starts the portal's processes and watches them together with those below."""
    prepare(site, own_database=bool(below))
    children: Children = {}
    try:
        with step("Web, worker and beat"):
            children |= started(site)
            await_ready(site, below | children)
        announce(site)
        return watch(below | children)
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    finally:
        processes.finish_undisturbed()
        processes.stop(*children.values(), patience=15)


@contextmanager
def alone(site: Site) -> Iterator[None]:
    """One portal on one data folder."""
    try:
        with lock(site.data / "run.lock", wait=False) as note:
            note.truncate(0)
            note.write(f"process {os.getpid()}, {site.address}")
            note.flush()
            yield
    except Busy:
        running = (site.data / "run.lock").read_text()
        raise Trouble(
            f"The portal already runs on {site.data} ({running}). Use it, stop it,"
            " or start another with a DATA_DIR and PORT of its own."
        ) from None


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise Trouble(
                f"Port {port} is closed to this account. Choose one above 1023: PORT=8000."
            ) from None
        except OSError:
            raise Trouble(
                f"Port {port} is in use by another program. Stop it, or choose another port: PORT={port + 1}."
            ) from None


def prepare(site: Site, own_database: bool) -> None:
    with step("Migrations"):
        advice = "" if own_database else "Check DATABASE_URL and that its server runs. "
        require(site, ["migrate", "--verbosity", "0"], "The database could not be brought up to date", advice)
    if site.demo:
        with step("Demo data"):
            require(site, ["seed_demo"], "The demo data could not be loaded", "DEMO=0 starts without it. ")


def require(site: Site, command: list[str], failure: str, advice: str) -> None:
    log = site.log(command[0])
    with log.open("wb") as report:
        manage = [packages.PYTHON, ROOT / "manage.py", *command]
        code = processes.complete(manage, env=site.env, stdout=report, stderr=report, umask=0o077)
    if code:
        raise Trouble(f"{failure}:\n{last_words_of(log)}\n{advice}The whole report is in {log}.")


def started(site: Site, **output: Any) -> Children:
    """Web, worker and beat; they write where we do, or where `stdout` and `stderr` say."""
    celery = [packages.PYTHON, "-m", "celery", "--quiet", "--app", "incentives"]
    # The demo may run as root, of which Celery warns at every start.
    calm = {"PYTHONWARNINGS": "ignore:::celery.platforms"}
    worker = ["worker", "--pool", "threads", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    beat = ["beat", "--schedule", site.data / "beat-schedule", "--pidfile", ""]
    return {
        "the web server": child(site, web_server(site.port), {}, **output),
        "the worker": child(site, [*celery, *worker, "--loglevel", "warning"], calm, **output),
        "beat": child(site, [*celery, *beat, "--loglevel", "warning"], calm, **output),
    }


def web_server(port: int) -> processes.Command:
    gunicorn = [packages.PYTHON, "-m", "gunicorn", "incentives.wsgi", "--bind", f"{LOOPBACK}:{port}"]
    sized = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
    return [*gunicorn, *sized, "--log-level", "warning", "--no-control-socket"]


def child(
    site: Site, command: processes.Command, more: dict[str, str], **output: Any
) -> "subprocess.Popen[Any]":
    env = site.env | more
    return processes.start(command, cwd=ROOT, env=env, umask=0o077, stdin=subprocess.DEVNULL, **output)


def await_ready(site: Site, children: Children) -> None:
    deadline = time.monotonic() + PATIENCE
    while (answer := readiness(site)) != "":
        if ended := first_ended(children):
            raise Trouble(ended)
        if time.monotonic() > deadline:
            raise Trouble(f"The portal did not become ready in {PATIENCE} seconds. /readyz says: {answer}")
        time.sleep(0.1)


def readiness(site: Site) -> str:
    """Nothing when the portal can serve, else what /readyz answered."""
    connection = HTTPConnection(LOOPBACK, site.port, timeout=5)
    host = site.env.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".").replace("*", "")
    try:
        connection.request("GET", "/readyz", headers={"Host": host or f"localhost:{site.port}"})
        answer = connection.getresponse()
        return "" if answer.status == 200 else f"{answer.status} {answer.read(500).decode(errors='replace')}"
    except (OSError, HTTPException) as failure:
        return str(failure) or type(failure).__name__
    finally:
        connection.close()


def announce(site: Site) -> None:
    print(f"\nThe portal is ready: {site.address}   (Ctrl-C stops it)\n", flush=True)
    if site.demo:
        processes.complete([packages.PYTHON, ROOT / "manage.py", "seed_demo", "--accounts"], env=site.env)


def watch(children: Children) -> int:
    while not (ended := first_ended(children)):
        time.sleep(0.3)
    say(ended)
    return 1


def first_ended(children: Children) -> str:
    for name, process in children.items():
        if (code := process.poll()) is not None:
            how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
            return f"The portal stops: {name} ended unexpectedly ({how}). The lines above may say why."
    return ""
