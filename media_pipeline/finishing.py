"""The end of every ladder, however it was encoded: pictures, verification, the master, and the pointer switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from jobs.runner import JobHandle
from media_pipeline import afterwork, generations, masters, pictures, playlists, verification
from media_pipeline.growth import MASTER
from media_pipeline.media_info import MediaInfo
from media_pipeline.models import Package, Rendition
from media_pipeline.packaging import Made
from media_pipeline.playlists import Text, Version

# Progress of 1000 within the job: where each of these steps ends. What was before them took most of the time.
PICTURED, VERIFIED, STORED = 930, 960, 990

Complete = Callable[[Callable[[int, int], None]], int]


@dataclass(frozen=True)
class Finished:
    """What was encoded. `taken`: versions of the first play that are taken over.

    complete: puts what lies in `out` and is not stored yet, tells before each put, and answers the package's bytes.
    """

    made: Sequence[Made]
    taken: Sequence[Rendition]
    out: Path
    complete: Complete
    are_there: verification.AreThere | None = None


def finish(job: JobHandle, package: Package, finished: Finished, info: MediaInfo) -> None:
    """Raises JobError, LeaseLost."""
    seen = pictures.make(finished.out, finished.made, job.scratch)
    job.progress(PICTURED, "verify")
    verification.verify(finished.made, info, job.scratch, are_there=finished.are_there)
    job.progress(VERIFIED, "publish")
    versions = [*(one.version for one in finished.made), *(generations.version(one) for one in finished.taken)]
    write_master(finished.out, versions, texts=masters.texts(package.cut))
    spread = STORED - VERIFIED
    size = finished.complete(lambda done, of: job.progress(round(VERIFIED + spread * done / of), "publish"))
    extras = afterwork.offered()
    generations.publish(
        job, package, finished.made, finished.taken, size=size, pictures=seen, info=info, extras=extras,
        now=timezone.now(),
    )  # fmt: skip


def write_master(out: Path, versions: Sequence[Version], *, texts: Sequence[Text] = ()) -> None:
    (out / MASTER).write_text(playlists.master(versions, texts=texts))
