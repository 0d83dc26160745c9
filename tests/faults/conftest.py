"""Mails between database, queue, workers and mail server, all of them real, with faults between them."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from celery import Celery
from psycopg.types.json import Jsonb

from dev import packages, processes
from tests.databases import copy_of_the_tables
from tests.mail.conftest import FACTS

from .services import Redis, Sink, until

HERE = Path(__file__).parent
CELERY = (packages.PYTHON, "-m", "celery", "--quiet", "--app", "incentives")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@dataclass
class Line:
    """The way of a mail from its row to the server, with as many workers as are started."""

    env: dict[str, str]
    redis: Redis
    sink: Sink
    folder: Path
    running: "list[subprocess.Popen[Any]]" = field(default_factory=list)

    def start(self, *words: object) -> "subprocess.Popen[Any]":
        with (self.folder / "celery.log").open("ab") as log:
            process = processes.start(
                [*CELERY, *words, "--loglevel", "info"],
                cwd=packages.ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.running.append(process)
        return process

    def worker(self, *, children: int = 2) -> "subprocess.Popen[Any]":
        return self.start("worker", "--concurrency", children, "--without-mingle", "--without-gossip")

    def beat(self) -> "subprocess.Popen[Any]":
        return self.start("beat", "--pidfile=", "--schedule", self.folder / f"schedule {len(self.running)}")

    def without(self, mechanism: str) -> None:
        """Take a mechanism away (removals.py) from every process that is started from now on."""
        self.env |= {"DJANGO_SETTINGS_MODULE": "tests.faults.altered", "WITHOUT": mechanism}

    def run_faster(self, times: int) -> None:
        """Shorten beat's timetable, if it is started from now on."""
        self.env |= {"DJANGO_SETTINGS_MODULE": "tests.faults.altered", "TIMETABLE_RUNS_FASTER": str(times)}

    def live_faster(self, times: int) -> None:
        """Shorten beat's timetable and whatever is waited for before somebody is called late."""
        self.run_faster(times)
        self.env["WATCH_RUNS_FASTER"] = str(times)

    def set_clocks(self, *hours: float) -> None:
        """Give processes that are started from now on a clock so far ahead, and the next with each SIGUSR2."""
        self.env |= {
            "DJANGO_SETTINGS_MODULE": "tests.faults.altered",
            "HOURS_AHEAD": " ".join(map(str, hours)),
        }

    @property
    def said(self) -> str:
        """What workers and beats have written so far."""
        return (self.folder / "celery.log").read_text(errors="replace")

    def done(self, task: str) -> int:
        """How often this task came to its end."""
        return len(re.findall(rf"Task {task}\[\S+ succeeded", self.said))

    def stop(self) -> None:
        processes.stop(*self.running, patience=30)
        self.running.clear()

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            done = connection.execute(statement, values)
            return done.fetchall() if done.description else []

    def write(self, number: int, *, asked: bool = True, company: int = 0) -> None:
        """Put mails into the outbox and ask for each, unless the process dies between the two."""
        domain, facts = f"customer{company}.example", Jsonb(FACTS)
        rows = [(f"{n}@{domain}", f"<{uuid4()}@portal.example>", facts, company) for n in range(number)]
        with psycopg.connect(self.env["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.executemany(
                """INSERT INTO mail_message (kind, "to", subject, message_id, context, on_behalf_of, state, attempts,
                answer, created_at, next_attempt_at)
                VALUES ('claim_approved', %s, 'Approved', %s, %s, %s, 'queued', 0, '', now(), now())""",
                rows,
            )
        if asked:
            self.ask("mail.tasks.deliver_message", [pk for (pk,) in self.sql("SELECT id FROM mail_message")])

    def ask(self, task: str, numbers: list[int] | None = None) -> None:
        with Celery(broker=self.redis.url) as queue:
            for number in numbers or []:
                queue.send_task(task, [number])
            if numbers is None:
                queue.send_task(task)

    def let_time_pass(self, minutes: int) -> None:
        """Move every instant that delivery waits for into the past, by so many minutes."""
        ago = timedelta(minutes=minutes)
        self.sql("UPDATE mail_message SET next_attempt_at = next_attempt_at - %s", ago)
        self.sql("UPDATE mail_message SET lease_until = lease_until - %s", ago)
        self.sql("UPDATE mail_outage SET next_probe_at = next_probe_at - %s", ago)

    def number(self, state: str) -> int:
        return int(self.sql("SELECT count(*) FROM mail_message WHERE state = %s", state)[0][0])

    def until_sent(self, number: int, *, patience: float = 60) -> None:
        until(lambda: self.number("sent") == number, patience=patience)

    @property
    def lost(self) -> set[str]:
        return {key for (key,) in self.sql("SELECT message_id FROM mail_message")} - set(self.sink.copies)

    @property
    def repeated(self) -> int:
        """How many mails came more often than once, each time with the same words."""
        repeats = [key for key, copies in self.sink.copies.items() if copies > 1]
        for key in repeats:
            assert (
                len({letter.text for letter in self.sink.letters if letter.headers["Message-ID"] == key}) == 1
            )
        return sum(self.sink.copies[key] - 1 for key in repeats)


@pytest.fixture(scope="session")
def database() -> str:
    return copy_of_the_tables("faults")


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    sink = Sink()
    sink.controller.start()
    yield sink
    sink.controller.stop()


@pytest.fixture
def line(database: str, sink: Sink, tmp_path: Path) -> Iterator[Line]:
    """Nothing waits, nobody works yet."""
    redis = Redis(tmp_path)
    redis.start()
    (tmp_path / "data").mkdir()
    env = os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": redis.url,
        "EMAIL_URL": sink.url,
        "DATA_DIR": str(tmp_path / "data"),
        "DEMO": "1",
        "DATABASE_POOL": "4",
        "PYTHONWARNINGS": "ignore:::celery.platforms",
    }
    (tmp_path / "celery.log").touch()
    line = Line(env, redis, sink, tmp_path)
    line.sql("TRUNCATE mail_message, mail_outage, mail_pace")
    sink.forget()
    yield line
    line.stop()
    redis.kill()
    print(line.said[-5000:])
