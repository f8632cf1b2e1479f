"""kombu's queue in a folder, with messages that appear whole.

kombu opens a message under its own name and then writes it: a worker that looks in between takes an empty file, cannot
read it and ends. Here it is written under a name of no queue and renamed.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

LOOKS_UP_AFTER = 0.3  # seconds


class Channel(filesystem.Channel):
    # kombu's own classes disagree about the second name
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}"  # as kombu has it: in order of their times
        folder = Path(self.data_folder_out)
        draft = folder / f"draft-{name}"  # a queue's messages have its name behind a dot
        try:
            draft.write_bytes(str_to_bytes(dumps(payload)))
            draft.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add a message to {folder}.") from error


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """A worker sees between two of these that it is told to stop; it asks for two seconds."""
        super().drain_events(connection, timeout=min(timeout, LOOKS_UP_AFTER) if timeout else timeout, **kwargs)


def use() -> None:
    """Make `filesystem://` mean this one, in this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
