"""A PostgreSQL cluster of our own: made, started, stopped. It listens on a unix socket only."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dev import postgres_binaries, processes
from dev.postgres_home import Home
from dev.terminal import Trouble, last_words, last_words_of

ROLE = DATABASE = "portal"
LASTING = ("max_connections=100",)
# Wrong for data that must survive a power cut, right for data that is deleted after the tests.
THROW_AWAY = ("max_connections=200", "fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass
class Cluster:
    """One data folder and the server on it."""

    home: Home
    log: Path
    options: tuple[str, ...] = LASTING
    process: "subprocess.Popen[Any] | None" = field(default=None, init=False)

    @property
    def data(self) -> Path:
        return self.home.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{ROLE}@{quote(str(self.home.socket_folder()), safe='')}/{DATABASE}"

    def start(self) -> None:
        self.await_predecessor()
        binaries = self.home.reachable(postgres_binaries.choose(self.existing_version()))
        if not self.existing_version():
            self.create(binaries.folder)
        place = f"unix_socket_directories={self.home.socket_folder()}"
        settings = [part for option in (place, "listen_addresses=", *self.options) for part in ("-c", option)]
        with self.log.open("wb") as log:
            self.process = processes.start(
                [binaries.folder / "postgres", "-D", self.data, *settings],
                last_signal=signal.SIGINT,
                stdout=log,
                stderr=log,
                **self.child_options(),
            )
        self.await_ready()

    def stop(self) -> None:
        """Ends the sessions of all clients and shuts down cleanly."""
        if self.process:
            processes.stop(self.process, sign=signal.SIGINT, patience=30)

    def existing_version(self) -> int | None:
        note = self.data / "PG_VERSION"
        return int(note.read_text()) if note.exists() else None

    def create(self, programs: Path) -> None:
        """Makes the cluster and its database under another name, so that a cut leaves nothing half-made."""
        fresh = self.home.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        text = ("--encoding=UTF8", "--locale=C.UTF-8")
        haste = ("--no-sync",) if self.options == THROW_AWAY else ()
        self.complete([programs / "initdb", "-D", fresh, "-U", ROLE, "--auth=trust", *text, *haste])
        single = [programs / "postgres", "--single", "-D", fresh, "postgres"]
        self.complete(single, said=f"CREATE DATABASE {DATABASE}\n")
        fresh.rename(self.data)

    def complete(self, command: processes.Command, said: str = "") -> None:
        done = processes.ask(command, said, **self.child_options())
        if done.returncode or "ERROR:" in done.stderr:
            raise Trouble(f"The database could not be made:\n{last_words(done.stderr or done.stdout)}")

    def child_options(self) -> dict[str, Any]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": "/", "env": env | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}, **self.home.as_owner}

    def await_predecessor(self) -> None:
        """Lets a server whose launcher was killed shut down; drops the note of one that is long gone."""
        deadline = time.monotonic() + 30
        while server := self.running():
            if time.monotonic() > deadline:
                raise Trouble(f"Another PostgreSQL (process {server}) serves {self.data}. Stop it first.")
            time.sleep(0.1)
        self.note().unlink(missing_ok=True)

    def running(self) -> int | None:
        """The process that serves this data. A number that now belongs to another program does not count."""
        lines = self.note_lines()
        server = int(lines[0]) if lines and lines[0].isdecimal() else None
        if server is None:
            return None
        name = Path(f"/proc/{server}/comm")
        if Path("/proc/self").exists():
            return server if name.exists() and name.read_text().strip() == "postgres" else None
        listed = processes.ask(["ps", "-p", server])
        return server if listed.returncode == 0 else None

    def await_ready(self) -> None:
        """Recovery after a crash may take its time, so only the end of the process counts as failure."""
        while not self.ready():
            if self.process and self.process.poll() is not None:
                said = last_words_of(self.log)
                raise Trouble(f"PostgreSQL did not start:\n{said}\nIts whole report is in {self.log}.")
            time.sleep(0.02)

    def ready(self) -> bool:
        lines = self.note_lines()
        return len(lines) > 7 and lines[7].strip() == "ready"

    def note(self) -> Path:
        return self.data / "postmaster.pid"

    def note_lines(self) -> list[str]:
        return self.note().read_text().splitlines() if self.note().exists() else []
