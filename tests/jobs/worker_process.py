"""What the tests of dying workers run in a process of its own: `-m tests.jobs.worker_process <job> <folder>` does one
job by itself; `celery --app tests.jobs.worker_process` is a real worker.

Its job, "test.slow", leaves a mark in the folder its payload names and then works until it is told to end by another,
with or without saying how far it is.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from config.celery import app  # noqa: E402, F401 - for celery's --app
from jobs import kinds, runner  # noqa: E402 - models want Django set up
from jobs.handle import JobHandle  # noqa: E402
from jobs.models import Job  # noqa: E402


def slow(job: JobHandle) -> None:
    folder = Path(job.payload["folder"])
    (job.scratch / "half-done").touch()
    (folder / "begun").touch()
    while not (folder / "end").exists():
        if job.payload["tells"]:
            job.progress(100, "encode")
        time.sleep(0.02)


kinds.register("test.slow", slow, queue=Job.Queue.INDEX)

if __name__ == "__main__":
    runner.run(int(sys.argv[1]), worker="doomed")
