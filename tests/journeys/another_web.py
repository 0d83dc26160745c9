"""Another web process of the portal under test, with settings of its own and a log that can be read."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev import packages, processes
from dev.environment import Site

SIZED = ("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--no-control-socket")


@dataclass(frozen=True)
class Web:
    """Where it listens, and what it has written so far."""

    port: int
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def another_web(site: Site, log: Path, *arguments: object, **settings: str) -> Iterator[Web]:
    """Serves the same data on a free port. The socket is open before the process starts, so that nobody needs to wait.

    In a setting, `{port}` stands for the port.
    """
    with socket.create_server(("127.0.0.1", 0)) as door, log.open("wb") as report:
        port = door.getsockname()[1]
        env = site.env | {name: value.format(port=port) for name, value in settings.items()}
        command: Sequence[object] = [packages.PYTHON, "-m", "gunicorn", "incentives.wsgi", *SIZED]
        process = processes.start(
            [*command, "--bind", f"fd://{door.fileno()}", *arguments],
            cwd=packages.ROOT,
            env=env,
            pass_fds=[door.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=report,
            stderr=report,
        )
        try:
            yield Web(port, log)
        finally:
            processes.stop(process, patience=15)
