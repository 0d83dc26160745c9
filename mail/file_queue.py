"""The queue in a folder, for a portal without Redis: what one process writes, others see whole or not at all.

kombu's own channel opens a file before it fills it; whoever reads in that moment finds an empty one, and a worker ends.
"""

import fcntl
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Messages are files that are renamed into and out of the folder; tables are read and written under a lock."""

    # kombu's own classes name the second argument in two ways.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        path = Path(self.data_folder_out) / f"{time.time_ns():020}_{uuid.uuid4()}.{queue}.msg"
        aside = path.with_suffix(".writing")
        try:
            aside.write_text(dumps(payload))
            aside.rename(path)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {self.data_folder_out}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).iterdir()):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue
            written = taken.read_text(errors="replace")
            taken.unlink()
            try:
                return loads(written)
            except ValueError:
                log.warning("A message in the queue cannot be read, the sweep will do what it asked for.")
        raise Empty

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def get_table(self, exchange: str) -> list[tuple[str, str, str]]:
        with self._alone():
            return super().get_table(exchange)

    def _queue_bind(self, *binding: Any) -> None:
        with self._alone():
            super()._queue_bind(*binding)

    def _delete(self, *binding: Any, **kwargs: Any) -> None:
        with self._alone():
            super()._delete(*binding, **kwargs)


class Transport(filesystem.Transport):
    Channel = Channel
