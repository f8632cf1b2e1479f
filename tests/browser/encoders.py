"""A site whose encoder stands still while somebody looks, however fast or slow the machine is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.browser.site import Site

BEGUN = "job-*/*/out/240/00003.m4s"  # of six: that is enough to be offered


@contextmanager
def standing_still(site: Site) -> Iterator[None]:
    """Encoders of ladders stop when half of it is there, until this is left."""
    goes_on = threading.Event()
    watch = threading.Thread(target=_hold, args=[site.data / "scratch", goes_on])
    watch.start()
    try:
        yield
    finally:
        goes_on.set()
        watch.join()


def _hold(scratch: Path, goes_on: threading.Event) -> None:
    earlier, held = set[Path](), dict[Path, int]()
    with suppress(OSError):
        earlier.update(scratch.glob("job-*/*/out"))  # what was sent before is not ours to hold
    while not goes_on.wait(0.05):
        with suppress(OSError):  # what is looked at may just be going
            for folder in {begun.parents[1] for begun in scratch.glob(BEGUN)} - earlier - held.keys():
                for pid in _encoders(folder):
                    os.kill(pid, signal.SIGSTOP)
                    held[folder] = pid
    for pid in held.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _encoders(folder: Path) -> list[int]:
    """Those whose own words name this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes()
            if b"ffmpeg" in words.split(b"\0")[0] and os.fsencode(folder) in words:
                found.append(int(process.name))
    return found
