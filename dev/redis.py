"""A throw-away Redis for the tests, on a free port of this machine."""

import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev import processes
from dev.debian import Unpacked
from dev.terminal import Trouble, last_words_of

# Debian ships the server's program in this package under another name. Its redis-server package would also
# start a service on the machine, which nobody asked for.
PACKAGE = "redis-tools"
OTHER_NAME = "redis-check-rdb"
LOOPBACK = "127.0.0.1"
PATIENCE = 15  # seconds


@dataclass(frozen=True)
class Program:
    """A Redis server that is called by its usual name, whatever its file's."""

    file: Path
    env: dict[str, str]

    def is_server(self) -> bool:
        said = processes.ask(["redis-server", "--version"], executable=self.file, env=self.env).stdout
        return bool(re.search(r"(Redis|Valkey) server v=", said))

    @property
    def libraries(self) -> dict[str, str]:
        """What a test needs besides the file, to start one of its own."""
        return {"TEST_REDIS_LIBRARIES": self.env.get("LD_LIBRARY_PATH", "")}

    @contextmanager
    def serving(self, folder: Path) -> Iterator[str]:
        """A server that keeps nothing, for the length of a block; gives its URL."""
        port = free_port()
        settings = [
            "--port",
            str(port),
            "--bind",
            LOOPBACK,
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        log = folder / "redis.log"
        with log.open("wb") as report:
            process = processes.start(
                ["redis-server", *settings], executable=self.file, env=self.env, stdout=report, stderr=report
            )
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Trouble(f"Redis did not start:\n{last_words_of(log)}")
                time.sleep(0.02)
            yield f"redis://{LOOPBACK}:{port}/0"
        finally:
            processes.stop(process)


def find(unpacked: Unpacked) -> Program | None:
    named = [shutil.which(name) for name in ("redis-server", "valkey-server", OTHER_NAME)]
    candidates = [Program(Path(file), dict(os.environ)) for file in named if file]
    if inside := unpacked.find(f"usr/bin/{OTHER_NAME}"):
        candidates.append(Program(inside, {**os.environ, **unpacked.environment()}))
    return next(filter(Program.is_server, candidates), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as client:
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False
