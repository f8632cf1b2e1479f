"""A folder for every attempt at a job, so that one that lost its lease never writes where its successor works."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from jobs.models import Job


def root() -> Path:
    return Path(settings.SCRATCH_DIR)


def folder_of(job: Job) -> Path:
    return root() / f"job-{job.pk}" / str(job.attempt)


def remove(folder: Path) -> None:
    """The folder of one attempt, and the job's if nothing else is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # another attempt works there
        folder.parent.rmdir()


def clear_dead() -> int:
    """Remove the folders of attempts that no longer run (a killed worker could not); answers how many.

    Folders first, rows second: a claim is committed before its folder is made, so what is seen here has its row.
    """
    folders = list(root().glob("job-*/*"))
    if not folders:
        return 0
    running = Job.objects.filter(state=Job.State.RUNNING).values_list("pk", "attempt")
    alive = {root() / f"job-{pk}" / str(attempt) for pk, attempt in running}
    dead = [folder for folder in folders if folder not in alive]
    for folder in dead:
        remove(folder)
    return len(dead)


def used() -> int:
    """Bytes that attempts at work on this machine have written."""
    sizes = (_size(path) for path in root().glob("job-*/**/*"))
    return sum(sizes)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # removed while we looked
        return 0
