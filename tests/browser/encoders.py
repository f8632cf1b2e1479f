"""A site whose encoder stands still while somebody looks, however fast or slow the machine is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.browser.site import Site

BEGUN = "job-*/*/out/240/00001.m4s"  # the second piece is being written


@contextmanager
def standing_still(site: Site) -> Iterator[None]:
    """Encoders of ladders stop as soon as they have something to show, until this is left."""
    goes_on, held = threading.Event(), set[int]()
    watch = threading.Thread(target=_hold, args=[site, goes_on, held])
    watch.start()
    try:
        yield
    finally:
        goes_on.set()
        watch.join()
    assert held


def _hold(site: Site, goes_on: threading.Event, held: set[int]) -> None:
    while not goes_on.wait(0.02):
        for begun in site.data.glob(f"scratch/{BEGUN}"):
            for pid in _encoders(begun.parents[1]) - held:
                os.kill(pid, signal.SIGSTOP)
                held.add(pid)
    for pid in held:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _encoders(folder: Path) -> set[int]:
    """Those whose own words name this folder."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes()
            if words and b"ffmpeg" in words.split(b"\0")[0] and os.fsencode(folder) in words:
                found.add(int(path.parent.name))
    return found
