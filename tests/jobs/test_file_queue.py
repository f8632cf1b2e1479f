"""The queue in a folder: a message is there whole, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from jobs import file_queue, nudges


def channel_in(folder: Path) -> Any:
    file_queue.use()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    return Connection("filesystem://", transport_options=options).channel()


def test_the_site_sends_by_this_queue() -> None:
    with nudges.sender.connection_for_write("filesystem://") as connection:
        assert isinstance(connection.transport, file_queue.Transport)


def test_a_reader_that_looks_all_the_time_meets_no_half_message(tmp_path: Path) -> None:
    writer, reader = channel_in(tmp_path), channel_in(tmp_path)
    found: list[int] = []
    troubles: list[Exception] = []

    def read() -> None:
        while len(found) < 400 and not troubles:
            try:
                found.append(reader._get("fast")["number"])
            except Empty:
                continue
            except ValueError as error:  # of the reader: not JSON
                troubles.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    for number in range(400):
        writer._put("fast", {"number": number, "body": "一" * 2000})
    thread.join(timeout=60)

    assert troubles == []
    assert sorted(found) == list(range(400))


def test_messages_of_one_queue_are_not_anothers(tmp_path: Path) -> None:
    channel = channel_in(tmp_path)
    channel._put("encode", {"number": 1})

    with pytest.raises(Empty):
        channel._get("fast")
    assert channel._get("encode") == {"number": 1}
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_worker_that_may_wait_an_hour_looks_up_soon_whether_it_is_to_stop(tmp_path: Path) -> None:
    connection = channel_in(tmp_path).connection.client
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=3600)
