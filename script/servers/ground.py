"""What all servers stand on: words to the person, the cache folder, free ports."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)


def cache_folder() -> Path:
    """Where script/setup keeps ready-made parts, too: `SHARED_LECTURES_CACHE`, as root one that nobody may read."""
    if given := os.environ.get("SHARED_LECTURES_CACHE"):
        return Path(given)
    if os.geteuid() == 0:
        return Path("/var/cache/shared-lectures")
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shared-lectures"


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else one that the system finds free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left may be taken again
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")
