"""The queue in a folder: nobody meets a message or a table that another process is still writing."""

import fcntl
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.transport import filesystem
from kombu.transport.virtual import Channel

from mail import file_queue


def channel_of(transport: type, folder: Path) -> Iterator[Channel]:
    options = {
        "data_folder_in": folder / "broker",
        "data_folder_out": folder / "broker",
        "control_folder": folder / "control",
    }
    (folder / "broker").mkdir()
    with Connection("filesystem://", transport=transport, transport_options=options) as connection:
        yield connection.channel()


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    yield from channel_of(file_queue.Transport, tmp_path)


@pytest.fixture
def kombus_own(tmp_path: Path) -> Iterator[Channel]:
    (tmp_path / "control").mkdir()
    yield from channel_of(filesystem.Transport, tmp_path)


def read_while_writing(channel: Channel, module: object, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What a reader meets at the moment in which a writer has everything but the words of its message."""
    met: list[object] = []

    def dumps(payload: object) -> str:
        try:
            met.append(channel._get("portal"))
        except (Empty, ValueError) as error:
            met.append(type(error))
        return json.dumps(payload)

    monkeypatch.setattr(module, "dumps", dumps)
    channel._put("portal", {"task": "expire"})
    return met


def test_a_message_is_met_whole_or_not_at_all(channel, monkeypatch):
    assert read_while_writing(channel, file_queue, monkeypatch) == [Empty]
    assert channel._get("portal") == {"task": "expire"}


def test_control_kombus_own_channel_lets_a_reader_meet_half_a_message(kombus_own, monkeypatch):
    met = read_while_writing(kombus_own, filesystem, monkeypatch)

    assert met == [json.JSONDecodeError]


def test_messages_come_in_the_order_in_which_they_were_sent_each_to_its_queue(channel):
    for number in range(12):
        channel._put("portal", number)
        channel._put("other.portal", -number)

    assert [channel._get("portal") for _ in range(12)] == list(range(12))
    assert channel._size("other.portal") == 12
    with pytest.raises(Empty):
        channel._get("portal")


def test_what_cannot_be_read_is_passed_over(channel, tmp_path, caplog):
    (tmp_path / "broker" / "-torn.portal.msg").write_bytes(b"\xff{")
    channel._put("portal", "whole")

    assert channel._get("portal") == "whole"
    assert "cannot be read" in caplog.text
    assert list((tmp_path / "broker").iterdir()) == []


@pytest.mark.race
def test_each_message_reaches_one_of_many_readers(channel):
    for number in range(300):
        channel._put("portal", number)
    found: list[int] = []

    def read() -> None:
        while True:
            try:
                found.append(channel._get("portal"))
            except Empty:
                return

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert sorted(found) == list(range(300))


def is_locked(folder: Path) -> bool:
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_table_is_read_and_written_by_one_at_a_time(channel, tmp_path, monkeypatch):
    """kombu empties the file of a table before it locks it, so a lock of our own must be held by then."""
    held: list[bool] = []
    locked = filesystem.lock

    def lock(file: object, flags: int) -> None:
        held.append(is_locked(tmp_path / "control"))
        locked(file, flags)

    monkeypatch.setattr(filesystem, "lock", lock)
    channel._queue_bind("portal", "portal", "", "portal")
    channel._queue_bind("portal", "portal", "", "another")
    table = channel.get_table("portal")
    channel._delete("portal", "portal", "portal", "")

    assert sorted(queue for _, _, queue in table) == ["another", "portal"]
    assert held == [True] * 4
    assert not is_locked(tmp_path / "control")
