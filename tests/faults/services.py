"""The services that the portal stands on, each of which can be taken away, silenced and brought back."""

import os
import select
import signal
import socket
import subprocess
import time
from asyncio import sleep
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from dev import processes
from dev.redis import LOOPBACK, answers, free_port
from tests.journeys.post import PostOffice

PATIENCE = 30


def until(condition: Any, *, patience: float = PATIENCE) -> None:
    """Wait for a condition that only another process can bring about."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "It did not come about in time."
        time.sleep(0.05)


class Sink(PostOffice):
    """A mail server that has a mail long before it says so, and refuses when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.says, self.seconds_per_mail = "250 OK", 0.0
        self.reading = Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.reading.set()
        if self.says.startswith("250"):
            await super().handle_DATA(server, session, envelope)
        await sleep(self.seconds_per_mail)
        return self.says

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID has come."""
        return Counter(letter.headers["Message-ID"] for letter in list(self.letters))

    def forget(self) -> None:
        self.letters.clear()
        self.reading.clear()
        self.says, self.seconds_per_mail = "250 OK", 0.0


class Redis:
    """A Redis that keeps nothing on disk, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[Any] | None = None

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        where = ["--port", self.port, "--bind", LOOPBACK, "--dir", self.folder, "--save", ""]
        self.process = processes.start(
            ["redis-server", *where],
            executable=os.environ["TEST_REDIS_PROGRAM"],
            env=os.environ | {"LD_LIBRARY_PATH": os.environ["TEST_REDIS_LIBRARIES"]},
            stdout=subprocess.DEVNULL,
        )
        until(lambda: answers(self.port))

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    @property
    def is_idle(self) -> bool:
        """Whether no task waits, and no worker has one in hand."""
        return self.say("LLEN celery") == self.say("HLEN unacked") == b":0\r\n"

    def say(self, *words: object) -> bytes:
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as client:
            client.sendall(" ".join(map(str, words)).encode() + b"\r\n")
            return client.recv(200)


class Passage:
    """A way to a service through which nothing passes while it is silent; connections stay open meanwhile."""

    def __init__(self, connect: Any) -> None:
        self.connect, self.silent, self.open = connect, Event(), True
        self.door = socket.create_server((LOOPBACK, 0))
        self.port = self.door.getsockname()[1]
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        with suppress(OSError):
            while self.open:
                guest, _address = self.door.accept()
                host = self.connect()
                self.pairs.append((guest, host))
                for one, other in ((guest, host), (host, guest)):
                    Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while self.open:
                readable, _w, _e = select.select([one], [], [], 0.1)
                if self.silent.is_set() or not readable:
                    continue
                if not (said := one.recv(65536)):
                    break
                other.sendall(said)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End every connection that is open now."""
        for ends in self.pairs:
            for end in ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def close(self) -> None:
        self.open = False
        self.door.close()
        self.cut()


@contextmanager
def passage(connect: Any) -> Iterator[Passage]:
    made = Passage(connect)
    try:
        yield made
    finally:
        made.close()


def children_of(process: "subprocess.Popen[Any]") -> list[int]:
    with suppress(FileNotFoundError):
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    return []


def kill_all(process: "subprocess.Popen[Any]") -> None:
    """kill -9 for a process and every child of it at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
