"""python3 run.py test: everything a change must pass, on services made for this run alone."""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev import chromium, machine, office, packages, processes, redis, throw_away
from dev.debian import Unpacked
from dev.environment import (
    ROOT,
    data_folder,
    furnish,
    known_settings,
    program_environment,
    sealing_key,
)
from dev.machine import Need
from dev.packages import VENV
from dev.postgres import THROW_AWAY, Cluster
from dev.postgres_binaries import wheel_fits
from dev.postgres_home import throw_away_home
from dev.terminal import say, step

# Three processes more than cores: journeys and races wait more than they compute.
BOTH_CORES = ("-n", "5", "--dist", "loadgroup", "--no-loadscope-reorder")
# The browser's driver leaves its event loop running in the thread in which later tests ask the database.
BESIDE_A_BROWSER = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
PRODUCTION = {
    "PORTAL_URL": "https://portal.example",
    "ALLOWED_HOSTS": "portal.example",
    "DEMO": "0",
    "DEBUG": "0",
}


@dataclass(frozen=True)
class Check:
    """One command that must succeed, with the settings it needs on top."""

    name: str
    command: tuple[object, ...]
    more: dict[str, str] = field(default_factory=dict)


STATIC = (
    Check("format", ("-m", "ruff", "format", "--check", ".")),
    Check("lint", ("-m", "ruff", "check", ".")),
    Check("types", ("-m", "mypy")),
    Check("imports", (VENV / "bin/lint-imports", "--no-logo")),
    Check("migrations", ("manage.py", "makemigrations", "--check", "--dry-run")),
    Check("system check", ("manage.py", "check")),
    Check("production check", ("manage.py", "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
)


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    seconds: float


def test(arguments: Sequence[str]) -> int:
    """Runs all checks, each to its end, and prints a table; with arguments runs only pytest, with them."""
    tests = Check("tests", ("-m", "pytest", *(arguments or BOTH_CORES)), BESIDE_A_BROWSER)
    return outcome((*(() if arguments else STATIC), tests))


def faults(arguments: Sequence[str]) -> int:
    """Runs the long rounds of races and faults one after the other, and says how long each took."""
    pytest = ("-m", "pytest", "-m", "long or faults", "-v", "--durations=0", *arguments)
    rounds = Check("faults", pytest, BESIDE_A_BROWSER | {"LONG_ROUNDS": "1"})
    return outcome([rounds], office.NEED, more_packages=("faults",))


def outcome(checks: Sequence[Check], *needs: Need, more_packages: Sequence[str] = ()) -> int:
    unpacked = machine.unpacked_in(data_folder(os.environ.get("DATA_DIR") or "var"))
    packages.install("portal", *(("embedded",) if wheel_fits() else ()), "test", *more_packages)
    complaints = machine.equip(unpacked, *needs)
    with services(unpacked) as env:
        results = [attempt(check, env) for check in checks]
    report(results, complaints)
    return 0 if all(result.passed for result in results) and not complaints else 1


@contextmanager
def services(unpacked: Unpacked) -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis for this run; gives the environment of its checks."""
    with ExitStack() as open_services:
        folder = open_services.enter_context(throw_away.folder())
        with step("PostgreSQL and Redis for the tests"):
            cluster = Cluster(throw_away_home(folder), folder / "postgres.log", THROW_AWAY)
            open_services.callback(cluster.stop)
            cluster.start()
            env = environment(folder) | dict(chromium.environment(unpacked)) | {"DATABASE_URL": cluster.url}
            if program := redis.find(unpacked):
                env["TEST_REDIS_URL"] = open_services.enter_context(program.serving(folder))
                env |= {"TEST_REDIS_PROGRAM": str(program.file)} | program.libraries
        try:
            yield env
        finally:
            processes.finish_undisturbed()


def environment(folder: Path) -> dict[str, str]:
    """The caller's environment less the portal's settings: tests neither obey them nor touch their data."""
    ours = known_settings()
    env = program_environment({name: value for name, value in os.environ.items() if name not in ours})
    furnish(folder / "data")
    (folder / "tmp").mkdir(mode=0o700)
    return env | {
        "DATA_DIR": str(folder / "data"),
        "TMPDIR": str(folder / "tmp"),
        "SECRET_KEY": secrets.token_hex(32),
        "PAYEE_KEYS": sealing_key(),
        # Many threads race, and a database is dropped while a pool would still hold it.
        "DATABASE_POOL": "0",
    }


def attempt(check: Check, env: dict[str, str]) -> Result:
    say(f"\n── {check.name} ".ljust(80, "─"))
    started = time.monotonic()
    code = processes.attend([packages.PYTHON, *check.command], cwd=ROOT, env=env | check.more)
    return Result(check.name, code == 0, time.monotonic() - started)


def report(results: Sequence[Result], complaints: Sequence[str]) -> None:
    say("\n── summary ".ljust(80, "─"))
    for result in results:
        say(f"{result.name:<24}{'ok' if result.passed else 'FAILED':<8}{result.seconds:7.1f} s")
    for complaint in complaints:
        say(f"FAILED: {complaint}")
