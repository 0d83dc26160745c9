"""python3 run.py bench [NAME ...]: measures the portal on a PostgreSQL of its own; what is slow to make is kept."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dev import packages, processes, throw_away
from dev.checks import environment
from dev.environment import ROOT, data_folder, our_site
from dev.locks import lock
from dev.management import package_sets
from dev.postgres import THROW_AWAY, Cluster
from dev.postgres_home import home, throw_away_home
from dev.terminal import Trouble, last_words, say, step

# As a server for the portal alone would have it.
MEASURED = (*THROW_AWAY, "shared_buffers=1GB", "work_mem=16MB", "maintenance_work_mem=512MB")
MADE_FROM = ("*/migrations/*.py", "incentives/management/bulk.py", "engagements/data/catalogue.jsonl")
Figure = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One benchmark, and the bulk data it wants: the arguments of seed_bulk, or none for an empty database."""

    name: str
    bulk: tuple[str, ...]


def bench(names: Sequence[str]) -> int:
    """Runs the named cases, or all; prints a table and JSON. Exit code 1 where a limit does not hold."""
    site = our_site()
    packages.install(*package_sets(site))
    figures: list[Figure] = []
    with throw_away.folder() as folder:
        env = environment(folder) | {"DEMO": "1"}
        for case in chosen(names, env):
            with served(case, site.data, folder) as cluster:
                where = env | {"DATABASE_URL": cluster.url, "DATABASE_POOL": "4"}
                prepare(case, cluster, where)
                with step(f"Measuring: {case.name}"):
                    figures += json.loads(manage(where, "bench", case.name))
    report(figures)
    return 0 if all(figure["holds"] for figure in figures) else 1


def chosen(names: Sequence[str], env: dict[str, str]) -> list[Case]:
    known = [Case(each["name"], tuple(each["bulk"])) for each in json.loads(manage(env, "bench", "--list"))]
    if unknown := set(names) - {case.name for case in known}:
        raise Trouble(
            f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(case.name for case in known)}."
        )
    return [case for case in known if not names or case.name in names]


@contextmanager
def served(case: Case, data: Path, folder: Path) -> Iterator[Cluster]:
    """A cluster for this case: the kept one with its bulk data, or an empty one that ends with the run."""
    if not case.bulk:
        empty = folder / case.name
        empty.mkdir(mode=0o711)
        with running(Cluster(throw_away_home(empty), empty / "postgres.log", MEASURED)) as cluster:
            yield cluster
        return
    keep = data_folder(str(data / "bench"))
    with lock(keep / "lock"):
        place = data_folder(str(keep / fingerprint(case)))
        forget_others(keep, place)
        if not (place / "made").exists():
            forget(place)
            place = data_folder(str(place))
        with running(Cluster(home(place), place / "postgres.log", MEASURED)) as cluster:
            yield cluster


@contextmanager
def running(cluster: Cluster) -> Iterator[Cluster]:
    try:
        with step("PostgreSQL for the benchmark"):
            cluster.start()
        yield cluster
    finally:
        cluster.stop()


def fingerprint(case: Case) -> str:
    """Bulk data serves until what makes it changes, and for a week: its deadlines lie around the day it was made."""
    digest = hashlib.sha256(repr((case.bulk, datetime.now(UTC).isocalendar()[:2])).encode())
    for pattern in MADE_FROM:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def forget_others(keep: Path, place: Path) -> None:
    for other in keep.iterdir():
        if other.is_dir() and other != place:
            forget(other)


def forget(place: Path) -> None:
    shutil.rmtree(home(place).folder, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)


def prepare(case: Case, cluster: Cluster, env: dict[str, str]) -> None:
    made = cluster.log.parent / "made"
    if made.exists():
        return
    with step("Migrations"):
        manage(env, "migrate", "--verbosity", "0")
    if case.bulk:
        with step(f"Bulk data ({' '.join(case.bulk)})"):
            manage(env, "seed_bulk", *case.bulk)
        made.touch()


def manage(env: dict[str, str], *arguments: str) -> str:
    """What a management command prints; Trouble with its last words where it fails."""
    done = processes.ask([packages.PYTHON, ROOT / "manage.py", *arguments], cwd=ROOT, env=env)
    if done.returncode:
        raise Trouble(f"manage.py {' '.join(arguments)} failed:\n{last_words(done.stderr)}")
    return done.stdout


def report(figures: Sequence[Figure]) -> None:
    """A table for people on standard error, JSON for machines on standard output."""
    say("\n── benchmarks ".ljust(100, "─"))
    for figure in figures:
        limit = f"at most {figure['limit']:,g}" if figure["limit"] is not None else ""
        verdict = "" if figure["limit"] is None else "ok" if figure["holds"] else "FAILED"
        value = f"{figure['value']:,.2f} {figure['unit']}"
        say(f"{figure['case']:<16}{figure['what']:<58}{value:>20}  {limit:<14}{verdict}")
    print(json.dumps(figures, indent=1))
